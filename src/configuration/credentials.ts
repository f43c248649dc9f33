import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateFile, fileFaultOf } from '../files/private-file.js';
import { ConfigurationError } from './configuration-error.js';

/** Variables that hold a secret. They may come as a file of that name in `$CREDENTIALS_DIRECTORY`, and do not stay in the environment. */
export const SECRET_VARIABLES = [
  'X402_PRIVATE_KEY',
  'BLOCKRUN_PROXY_TOKEN',
  'BLOCKRUN_LEDGER_URL',
  'BLOCKRUN_RPC_URL',
  'BLOCKRUN_SOLANA_RPC_URL',
] as const;

/** The AgentCash wallet as a credential: the wallet file where none is named. */
export const WALLET_CREDENTIAL = 'wallet.json';

type Variables = Record<string, unknown>;

/**
 * The variables with what systemd (or whoever runs the proxy) hands over as files.
 * @throws ConfigurationError when one is there and cannot be read, or is set in the environment, too
 */
export function withCredentials(variables: Variables): Variables {
  const { CREDENTIALS_DIRECTORY: directory } = variables;
  if (typeof directory !== 'string' || directory === '') return variables;
  const problems: string[] = [];
  const all: Variables = { ...variables };
  for (const name of SECRET_VARIABLES) {
    const path = join(directory, name);
    if (!isThere(path)) continue;
    if (all[name] !== undefined && all[name] !== '')
      problems.push(`${name} is set in the environment and as a credential: keep one of them`);
    try {
      all[name] = readPrivateFile(path, { isCredential: true });
    } catch (cause) {
      problems.push(`${name} cannot be read from ${path}: ${fileFaultOf(cause)}`);
    }
  }
  const wallet = join(directory, WALLET_CREDENTIAL);
  if (isThere(wallet) && !all['BLOCKRUN_WALLET_FILE']) all['BLOCKRUN_WALLET_FILE'] = wallet;
  if (problems.length > 0) throw new ConfigurationError(problems);
  return all;
}

/** Takes the secrets out of this process' environment, and so out of that of every child. What was read keeps them. */
export function forgetSecrets(environment: NodeJS.ProcessEnv): void {
  for (const name of SECRET_VARIABLES) delete environment[name];
}

/** @throws ConfigurationError when the file `.env` holds a secret and others can read it */
export function refuseOpenSettings(path: string, text: Variables): void {
  const mode = (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  const secrets = SECRET_VARIABLES.filter((name) => text[name]);
  if ((mode & 0o077) === 0 || secrets.length === 0) return;
  throw new ConfigurationError([
    `${secrets.join(', ')} in ${path} can be read by others on this machine (mode ${mode.toString(8)}): chmod 600 ${path}`,
  ]);
}

/** A link that leads nowhere is there, and is refused. */
function isThere(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
