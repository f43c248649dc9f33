import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../errors/coded-error.js';
import { ServiceInstaller } from '../service/service-installer.js';
import { faultOfInstallation, installationPlan, type Scope, type ServicePlan, settingsDirectory } from '../service/service-plan.js';
import { SERVICE_UNIT } from '../service/unit-text.js';
import { print } from './on-books.js';
import type { ServiceOptions } from './service.command.js';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
const SETTINGS_TEMPLATE = fileURLToPath(new URL('../../config/environment.example', import.meta.url));

export async function install(scope: Scope, { dryRun, socket }: ServiceOptions): Promise<void> {
  const request = { scope, home: homedir(), node: process.execPath, program: PROGRAM, socketAddress: socket };
  const obstacle = faultOfInstallation(request);
  if (obstacle !== undefined) throw new CodedError('service_unavailable', `The service cannot be installed: ${obstacle}.`);
  const plan = installationPlan({ ...request, settingsTemplate: readFileSync(SETTINGS_TEMPLATE, 'utf8') });
  if (dryRun) return print(textOf(plan));
  await new ServiceInstaller(print).install(plan);
  const of = scope === 'user' ? '--user ' : '';
  print(
    `The service runs. Its settings are in ${settingsDirectory(request)}/environment; after a change: systemctl ${of}restart ${SERVICE_UNIT}\n` +
      `What it says: journalctl ${of}-u ${SERVICE_UNIT} -f`,
  );
  if (scope === 'user') print('It stops when you log out, unless you run once: loginctl enable-linger');
}

export async function uninstall(scope: Scope): Promise<void> {
  const home = homedir();
  await new ServiceInstaller(print).uninstall({ scope, home });
  print(`Settings in ${settingsDirectory({ scope, home })}, wallet and books are left as they are.`);
}

export async function status(scope: Scope): Promise<void> {
  const names = ['LoadState', 'ActiveState', 'SubState', 'StatusText', 'UnitFileState', 'MainPID', 'NRestarts', 'ActiveEnterTimestamp'];
  const facts = await new ServiceInstaller(print).properties(scope, SERVICE_UNIT, names);
  const fact = (name: string) => facts.get(name) ?? '';
  if (fact('ActiveState') !== 'active') process.exitCode = 1;
  if (facts.size === 0) return print('systemd does not answer here.');
  if (fact('LoadState') === 'not-found') return print('The service is not installed: service install');
  print(`${SERVICE_UNIT}: ${fact('ActiveState')} (${fact('SubState')}) since ${fact('ActiveEnterTimestamp') || 'never'}`);
  print(`  at start      ${fact('UnitFileState')}`);
  print(`  process       ${fact('MainPID')}, restarted ${fact('NRestarts')} times by systemd`);
  print(`  it says       ${fact('StatusText') || 'nothing'}`);
}

function textOf({ files, commands }: ServicePlan): string {
  const written = files.map(({ path, text, mode, isSettings }) => {
    const how = `${mode.toString(8).padStart(4, '0')}${isSettings ? ', unless it is there' : ''}`;
    return `# would write ${path} (${how})\n${text}`;
  });
  return [...written, ...commands.map((words) => `# would run: ${words.join(' ')}`)].join('\n');
}
