import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** Tests that need programs which Node does not bring: where one is missing they are skipped, and that is said on standard error. */
export function describeWith(programs: readonly string[], name: string, tests: () => void): void {
  const missing = programs.filter((program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status !== 0);
  if (missing.length === 0) return describe(name, tests);
  process.stderr.write(`SKIPPED: "${name}" needs ${missing.join(', ')}, not found on this machine.\n`);
  describe.skip(name, tests);
}
