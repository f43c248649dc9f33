import { createHash } from 'node:crypto';

const START = '0'.repeat(64);

/** What somebody does who changes a line and knows how the chain is made: every hash from there on is made anew. */
export function rechain(lines: readonly string[]): string[] {
  let previous = START;
  return lines.map((line) => {
    const { hash: _old, prev: _before, ...facts } = JSON.parse(line) as Record<string, unknown>;
    const open = JSON.stringify({ ...facts, prev: previous }).slice(0, -1);
    previous = createHash('sha256').update(open).digest('hex');
    return `${open},"hash":"${previous}"}`;
  });
}
