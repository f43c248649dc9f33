import { Command, InvalidArgumentError } from 'commander';
import { explained, type Explanation } from './explained.js';
import type { InstallOptions, PlaceOptions, StatusOptions, UninstallOptions } from './act-on-openclaw.js';

const PLACE: Explanation = {
  settings: ['PORT', 'HOST', 'BLOCKRUN_MODELS', 'BLOCKRUN_PROXY_TOKEN'],
  files: ['~/.openclaw/openclaw.json, or where OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR and --profile say'],
};
const ABOUT: Explanation = {
  ...PLACE,
  seeAlso: ['openclaw install', 'openclaw status', 'openclaw uninstall'],
  notes: ['Nothing else in the file is touched, comments included.'],
};
const INSTALL: Explanation = {
  ...PLACE,
  examples: [
    ['openclaw install --dry-run', 'the change, and nothing written'],
    ['openclaw install --set-default', 'the first model becomes what agents use: heartbeats cost money then'],
  ],
  seeAlso: ['openclaw status', 'openclaw uninstall'],
};
const UNINSTALL: Explanation = { ...PLACE, examples: [['openclaw uninstall', 'as it was before']], seeAlso: ['openclaw install'] };
const STATUS: Explanation = { ...PLACE, examples: [['openclaw status', 'what OpenClaw knows of this proxy']], seeAlso: ['doctor'] };

export function openClawCommand(): Command {
  const openclaw = explained(
    new Command('openclaw').description("put this proxy into OpenClaw's configuration, or take it out again"),
    ABOUT,
  );
  explained(placed(openclaw, 'install'), INSTALL)
    .description('write the provider blockrun-x402 with the models of this proxy; a second time changes nothing')
    .option('--set-default [model]', 'make it the default model (the first one, or the one named)')
    .option('--dry-run', 'show the change and write nothing')
    .option('--check', 'then ask for one short answer through OpenClaw, which is paid for')
    .action((options: InstallOptions) => act((acts) => acts.installIntoOpenClaw(options)));
  explained(placed(openclaw, 'uninstall'), UNINSTALL)
    .description('take the provider out again, and put back the default model that was there')
    .option('--dry-run', 'show the change and write nothing')
    .action((options: UninstallOptions) => act((acts) => acts.uninstallFromOpenClaw(options)));
  explained(placed(openclaw, 'status'), STATUS)
    .description('what OpenClaw knows of this proxy, and whether the proxy answers')
    .option('--json', 'as JSON')
    .action((options: StatusOptions) => act((acts) => acts.showOpenClaw(options)));
  return openclaw;
}

function placed(openclaw: Command, name: string): Command {
  return openclaw.command(name).option('--profile <name>', 'a profile of OpenClaw other than the main one', profile);
}

async function act(work: (acts: typeof import('./act-on-openclaw.js')) => Promise<void>): Promise<void> {
  await work(await import('./act-on-openclaw.js'));
}

function profile(text: string): PlaceOptions['profile'] {
  if (!/^[\w-]{1,64}$/.test(text)) throw new InvalidArgumentError('It must be letters, digits, _ and -.');
  return text;
}
