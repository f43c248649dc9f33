import { Command, InvalidArgumentError, Option } from 'commander';
import type { Scope } from '../service/service-plan.js';
import { explained, type Explanation } from './explained.js';

export interface ServiceOptions {
  system?: true;
  dryRun?: true;
  socket?: string;
}

const ABOUT: Explanation = {
  notes: [
    'Without --system it is a service of your own, with your wallet and your books; "loginctl enable-linger" keeps it running while you are not logged in. With --system it is a service of the machine under a user of its own, with its wallet in /etc/blockrun-openclaw-proxy/wallet.json and its books in /var/lib/blockrun-openclaw-proxy. Its settings are those of its own file: what the shell has set does not count.',
  ],
  files: ['~/.config/blockrun-openclaw-proxy/environment', '/etc/blockrun-openclaw-proxy/environment (--system)'],
  seeAlso: ['doctor'],
};
const INSTALL: Explanation = {
  ...ABOUT,
  examples: [
    ['service install --dry-run', 'every file and command, and nothing done'],
    ['service install --socket 127.0.0.1:8787', 'nobody is turned away during a restart'],
  ],
  seeAlso: ['service status', 'service uninstall'],
};
const UNINSTALL: Explanation = {
  ...ABOUT,
  examples: [['service uninstall', 'settings, wallet and books stay']],
  seeAlso: ['service install'],
};
const STATUS: Explanation = {
  fails: 'it does not run',
  examples: [['service status', 'since when it runs, and what it says of today']],
  seeAlso: ['service install', 'budget'],
};

export function serviceCommand(): Command {
  const service = explained(new Command('service').description('the proxy as a systemd service'), ABOUT);
  explained(scoped(service, 'install'), INSTALL)
    .description('write, enable and start the service')
    .option('--dry-run', 'show what would be written and run, and do nothing')
    .option('--socket <address:port>', 'have systemd hold the address, so that who calls during a restart waits', address)
    .action(async (options: ServiceOptions) => (await actions()).install(scopeOf(options), options));
  explained(scoped(service, 'uninstall'), UNINSTALL)
    .description('stop the service and remove what "install" wrote; settings, wallet and books stay')
    .action(async (options: ServiceOptions) => (await actions()).uninstall(scopeOf(options)));
  explained(scoped(service, 'status'), STATUS)
    .description('how the service is; exit code 1 while it does not run')
    .action(async (options: ServiceOptions) => (await actions()).status(scopeOf(options)));
  return service;
}

function scoped(service: Command, name: string): Command {
  return service
    .command(name)
    .option('--system', 'the service of the machine (as root)')
    .addOption(new Option('--user', 'your own service (the default)').conflicts('system'));
}

const actions = () => import('./act-on-service.js');

function scopeOf({ system }: ServiceOptions): Scope {
  return system ? 'system' : 'user';
}

function address(text: string): string {
  const [, port] = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return text;
  throw new InvalidArgumentError('It must be an IP address and a port, such as 127.0.0.1:8787.');
}
