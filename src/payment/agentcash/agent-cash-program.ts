import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { AgentCashSettings } from '../../configuration/agent-cash-settings.js';
import { CodedError } from '../../errors/coded-error.js';

/** How AgentCash is run. */
export interface AgentCashProgram {
  /** What it was found by, without symbolic links. */
  readonly path: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The command that a person runs it by there. */
export function commandIn(prefix: string): string {
  return join(prefix, 'node_modules', '.bin', 'agentcash');
}

type Places = Pick<AgentCashSettings, 'program' | 'prefix' | 'environment'>;

/** Where an install in this prefix has the program. */
export function programIn(prefix: string): string {
  return join(prefix, 'node_modules', 'agentcash', 'dist', 'esm', 'index.js');
}

/**
 * Finds AgentCash: at `BLOCKRUN_AGENTCASH`, else where `setup agentcash` installs it, else on the PATH. A path that was named and is not
 * there is an error, and nothing else is taken in its place: it would be handed the wallet. @throws CodedError payer_failed, with how to install it
 */
export function findAgentCash({ program, prefix, environment }: Places): AgentCashProgram {
  if (program !== undefined) {
    if (isFile(program)) return runnable(program);
    throw absent(`There is no program at BLOCKRUN_AGENTCASH (${program}).`);
  }
  const directories = (environment.PATH ?? '').split(delimiter).filter(isAbsolute);
  const found = [programIn(prefix), ...directories.map((directory) => join(directory, 'agentcash')).filter(isExecutable)].find(isFile);
  if (found === undefined) throw absent(`AgentCash is not installed: it is neither in ${prefix} nor on the PATH.`);
  return runnable(found);
}

/** JavaScript is run by the Node.js that runs us, not by another one that may be on the PATH. */
function runnable(found: string): AgentCashProgram {
  const path = realpathSync(found);
  return /\.[cm]?js$/.test(path) ? { path, command: process.execPath, args: [path] } : { path, command: path, args: [] };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not to be run by us
  }
}

function absent(what: string): CodedError {
  return new CodedError(
    'payer_failed',
    `${what} Nothing was paid. Run "blockrun-openclaw-proxy setup agentcash" to install it, name it with BLOCKRUN_AGENTCASH, or have the ` +
      'proxy sign by itself with BLOCKRUN_PAYER=x402.',
  );
}
