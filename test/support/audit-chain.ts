import { createHash } from 'node:crypto';

/** The lines of an audit file. @throws when the last one does not end */
export function linesOf(text: string): string[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line of the audit does not end');
  return text.split('\n').slice(0, -1);
}

/**
 * Walks the chain as docs tell an auditor to, without the code under test: each line names the hash of the one before, and its own is
 * the SHA-256 of its text up to the hash. Returns the hash of the last line. @throws at the first line that does not fit
 */
export function verifyChain(lines: readonly string[]): string {
  let previous = '0'.repeat(64);
  for (const [index, line] of lines.entries()) {
    const [, open, hash] = /^(.*),"hash":"([0-9a-f]{64})"\}$/s.exec(line) ?? [];
    if (open === undefined || hash === undefined) throw new Error(`line ${index} is not chained`);
    const { prev } = JSON.parse(line) as { prev?: unknown };
    if (prev !== previous) throw new Error(`line ${index} does not follow the line before it`);
    if (createHash('sha256').update(open).digest('hex') !== hash) throw new Error(`line ${index} was changed`);
    previous = hash;
  }
  return previous;
}
