import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What is wrong with the rights of a place, and what to type. */
export interface PrivacyFault {
  says: string;
  next: string;
}

/**
 * What is wrong with the rights of files and of the directories that they lie in; empty when they are closed to others, or not there yet. The
 * books tell whom an agent pays, when, and for which model; a file that others can write is no record. They are refused and not mended: who
 * opened them may want to know.
 */
export function privacyFaults(files: readonly string[]): PrivacyFault[] {
  const directories = [...new Set(files.map((file) => dirname(file)))];
  return [...directories.map((path) => faultOf(path, '700')), ...files.map((path) => faultOf(path, '600'))].filter(
    (fault) => fault !== undefined,
  );
}

function faultOf(path: string, mode: string): PrivacyFault | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || !process.getuid) return undefined;
  if (stats.uid !== process.getuid())
    return {
      says: `${path} belongs to another user (${stats.uid})`,
      next: 'give it to the user who runs the proxy, or name another place',
    };
  if ((stats.mode & 0o077) === 0) return undefined;
  const says = `${path} is open to others on this machine (mode ${(stats.mode & 0o777).toString(8)})`;
  // A directory that everybody writes to, such as /tmp, is not for one program to close.
  return (stats.mode & 0o002) !== 0 && stats.isDirectory()
    ? { says, next: "name a directory of the proxy's own" }
    : { says, next: `chmod ${mode} ${path}${stats.isDirectory() ? ", or name a directory of the proxy's own" : ''}` };
}
