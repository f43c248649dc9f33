import { join } from 'node:path';
import { type Installation, SERVICE_UNIT, SOCKET_UNIT, socketUnit, SYSTEM_SETTINGS, systemUnit, userUnit } from './unit-text.js';

/** Whose service it is: the user's, which needs no rights, or the machine's, under a user of its own. */
export type Scope = 'user' | 'system';

export interface ServiceRequest extends Installation {
  scope: Scope;
  home: string;
  /** `127.0.0.1:8787` to have systemd hold the address; undefined: the program listens itself. */
  socketAddress: string | undefined;
  /** What the settings file begins with where there is none. */
  settingsTemplate: string;
}

export interface PlannedFile {
  path: string;
  text: string;
  mode: number;
  /** The user's own once it is there: never overwritten, and left behind by an uninstallation. */
  isSettings: boolean;
}

/** What an installation writes and runs, in this order; an uninstallation undoes it. */
export interface ServicePlan {
  files: PlannedFile[];
  commands: string[][];
}

/** The first line of every unit that an installation writes; a unit without it is somebody else's and is left alone. */
export const MARK = '# Written by "blockrun-openclaw-proxy service install"; "service uninstall" removes it.';

export function installationPlan(request: ServiceRequest): ServicePlan {
  const { scope, socketAddress } = request;
  const text = scope === 'user' ? userUnit(request) : systemUnit(request);
  const units = [
    unitFile(request, SERVICE_UNIT, text),
    ...(socketAddress === undefined ? [] : [unitFile(request, SOCKET_UNIT, socketUnit(socketAddress))]),
  ];
  const settings = {
    path: join(settingsDirectory(request), 'environment'),
    text: request.settingsTemplate,
    mode: 0o600,
    isSettings: true,
  };
  const started = socketAddress === undefined ? [SERVICE_UNIT] : [SOCKET_UNIT, SERVICE_UNIT];
  return { files: [settings, ...units], commands: [systemctl(scope, 'daemon-reload'), systemctl(scope, 'enable', '--now', ...started)] };
}

/** `present` are the units of ours that are there. */
export function uninstallationCommands(scope: Scope, present: readonly string[]): { before: string[][]; after: string[][] } {
  return { before: [systemctl(scope, 'disable', '--now', ...present)], after: [systemctl(scope, 'daemon-reload')] };
}

export function systemctl(scope: Scope, ...words: string[]): string[] {
  return ['systemctl', ...(scope === 'user' ? ['--user'] : []), ...words];
}

export function unitPath({ scope, home }: Pick<ServiceRequest, 'scope' | 'home'>, unit: string): string {
  return scope === 'user' ? join(home, '.config', 'systemd', 'user', unit) : join('/etc/systemd/system', unit);
}

export function settingsDirectory({ scope, home }: Pick<ServiceRequest, 'scope' | 'home'>): string {
  return scope === 'user' ? join(home, '.config', 'blockrun-openclaw-proxy') : SYSTEM_SETTINGS;
}

/** Why the service could not run from where the program is; undefined when it can. */
export function faultOfInstallation({ scope, node, program }: Pick<ServiceRequest, 'scope' | 'node' | 'program'>): string | undefined {
  if (/[/\\]_npx[/\\]/.test(program)) {
    return 'npx keeps this program in a cache that may be emptied: install it first (npm install --global blockrun-openclaw-proxy)';
  }
  const hidden = [node, program].find((path) => /^\/(home|root|run\/user)\//.test(path));
  if (scope === 'system' && hidden !== undefined) {
    return `${hidden} is in a home directory, which the service of the machine may not read: install Node and the program outside of it, or use --user`;
  }
  return undefined;
}

function unitFile(request: ServiceRequest, unit: string, text: string): PlannedFile {
  return { path: unitPath(request, unit), text: `${MARK}\n${text}`, mode: 0o644, isSettings: false };
}
