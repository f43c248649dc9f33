import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where OpenClaw keeps its configuration on this machine, and how its command is run. */
export interface OpenClawPlace {
  configFile: string;
  /** Undefined: the main one. */
  profile: string | undefined;
  /** The variable that says that the configuration is kept by somebody else; undefined when it may be written. */
  readOnlyBy: string | undefined;
  /** The directories in which commands are looked for. */
  commandPath: string;
  /** What a child process gets: everything but our own settings, so that no key and no token of this proxy goes to OpenClaw. */
  childEnvironment: Record<string, string>;
}

type Variables = Record<string, string | undefined>;

/**
 * Reads it from the environment by OpenClaw's own rules: OPENCLAW_CONFIG_PATH, else OPENCLAW_STATE_DIR, else `~/.openclaw`, or
 * `~/.openclaw-x` for the profile x; a profile yields to both variables.
 */
export function openClawPlace(profile?: string, variables: Variables = process.env): OpenClawPlace {
  const home = textOf(variables.OPENCLAW_HOME) ?? homedir();
  const named = profile === 'default' ? undefined : profile;
  const ofHome = (path: string) => resolve(path.replace(/^~(?=$|\/)/, home));
  const stateDirectory = ofHome(
    textOf(variables.OPENCLAW_STATE_DIR) ?? join(home, named === undefined ? '.openclaw' : `.openclaw-${named}`),
  );
  const configPath = textOf(variables.OPENCLAW_CONFIG_PATH);
  return {
    configFile: configPath === undefined ? join(stateDirectory, 'openclaw.json') : ofHome(configPath),
    profile: named,
    readOnlyBy: ['OPENCLAW_CONFIG_READONLY', 'OPENCLAW_NIX_MODE'].find((name) => variables[name] === '1'),
    commandPath: variables.PATH ?? '',
    childEnvironment: Object.fromEntries(
      Object.entries(variables).flatMap(([name, value]) => (value === undefined || isOurs(name) ? [] : [[name, value]])),
    ),
  };
}

function isOurs(name: string): boolean {
  return name.startsWith('BLOCKRUN_') || name === 'X402_PRIVATE_KEY' || name === 'PORT' || name === 'HOST';
}

function textOf(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
