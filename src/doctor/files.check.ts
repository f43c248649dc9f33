import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Configuration } from '../configuration/configuration.js';
import { privacyFaults } from '../files/private-state.js';
import { type Check, fail, type Finding, ok, together, warn } from './finding.js';

type Places = Pick<Configuration, 'ledgerFile' | 'sharedLedger' | 'summaryFile' | 'auditFile'>;

/** The books are the proxy's own: its user writes them, and nobody else reads them. Without that the proxy does not start. */
export function filesCheck({ ledgerFile, sharedLedger, summaryFile, auditFile }: Places): Check {
  const ledger = sharedLedger ? [] : [ledgerFile, `${ledgerFile}-wal`, `${ledgerFile}-shm`];
  const files = [...ledger, summaryFile, auditFile];
  return {
    name: 'files',
    run: () => {
      const directories = [...new Set(files.map((file) => dirname(file)))];
      const opened = privacyFaults(files).map(({ says, next }) => fail(says, next));
      const faults = [
        ...directories.flatMap(faultsOfDirectory),
        ...files.flatMap(faultsOfFile),
        ...opened,
        ...faultsOfSettings(resolve('.env')),
      ];
      return faults.length > 0 ? together(faults) : together(directories.map(sound));
    },
  };
}

function sound(directory: string): Finding {
  return ok(statsOf(directory) ? `${directory}: only you read and write there` : `${directory} is made at the first start`);
}

function faultsOfDirectory(path: string): Finding[] {
  const stats = statsOf(path);
  if (!stats) return isCreatable(path) ? [] : [fail(`${path} is not there, and cannot be made`, 'make it, owned by the user of the proxy')];
  if (!stats.isDirectory()) return [fail(`${path} is not a directory`, 'move it away, or name another place')];
  return faultsOfUse(path, stats);
}

function faultsOfFile(path: string): Finding[] {
  const stats = statsOf(path);
  if (!stats) return [];
  if (!stats.isFile()) return [fail(`${path} is not a file`, 'move it away, or name another place')];
  return faultsOfUse(path, stats);
}

/** It may hold the wallet's key, also where the environment has another that counts: only what counts keeps the proxy from starting. */
function faultsOfSettings(path: string): Finding[] {
  const mode = (statsOf(path)?.mode ?? 0) & 0o777;
  return (mode & 0o077) === 0 ? [] : [warn(`others on this machine get at ${path} (mode ${mode.toString(8)})`, `chmod 600 ${path}`)];
}

/** Of what is ours: another's is told with the rights. */
function faultsOfUse(path: string, { uid }: Stats): Finding[] {
  if (uid !== process.getuid?.() || isAllowed(path, constants.R_OK | constants.W_OK)) return [];
  return [fail(`${path} cannot be read and written`, `chmod u+rw ${path}`)];
}

/** Whether the nearest directory above that is there may be written to. */
function isCreatable(path: string): boolean {
  const above = dirname(path);
  return statsOf(above) ? isAllowed(above, constants.W_OK) : above !== path && isCreatable(above);
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function statsOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
