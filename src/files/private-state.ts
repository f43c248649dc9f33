import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What is wrong with the rights of files and of the directories that they lie in, as sentences that say what to type; empty when they are
 * closed to others, or not there yet. The books tell whom an agent pays, when, and for which model; a file that others can write is no
 * record. They are refused and not mended: who opened them may want to know.
 */
export function privacyProblems(files: readonly string[]): string[] {
  const directories = [...new Set(files.map((file) => dirname(file)))];
  return [...directories.map((path) => problemOf(path, '700')), ...files.map((path) => problemOf(path, '600'))].filter(
    (problem) => problem !== undefined,
  );
}

function problemOf(path: string, mode: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || !process.getuid) return undefined;
  if (stats.uid !== process.getuid())
    return `${path} belongs to another user (${stats.uid}): give it to the user who runs the proxy, or name another place`;
  if ((stats.mode & 0o077) === 0) return undefined;
  const says = `${path} is open to others on this machine (mode ${(stats.mode & 0o777).toString(8)})`;
  // A directory that everybody writes to, such as /tmp, is not for one program to close.
  return (stats.mode & 0o002) !== 0 && stats.isDirectory()
    ? `${says}: name a directory of the proxy's own`
    : `${says}: chmod ${mode} ${path}${stats.isDirectory() ? ", or name a directory of the proxy's own" : ''}`;
}
