import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { linesOf, verifyChain } from './audit-chain.js';

/** The files of an audit `<name>.jsonl` in the order in which they were written, found without the code under test. */
export function auditFilesOf(path: string): string[] {
  const name = basename(path, '.jsonl');
  const closed = readdirSync(dirname(path)).filter((file) => new RegExp(`^${name}\\.\\d{4,}\\.jsonl$`).test(file));
  return [...closed.toSorted().map((file) => join(dirname(path), file)), path];
}

/** The lines of the whole audit. @throws when they are not one chain, or a file does not begin with the line that continues it */
export function auditRecordsOf(path: string): Record<string, unknown>[] {
  const files = auditFilesOf(path);
  const lines = files.map((file) => linesOf(readFileSync(file, 'utf8')));
  verifyChain(lines.flat());
  const records = lines.map((each) => each.map((line) => JSON.parse(line) as Record<string, unknown>));
  for (const [index, [first]] of records.entries()) {
    const before = files[index - 1];
    if (before === undefined) continue;
    const facts = { event: first?.['event'], part: first?.['part'], previousFile: first?.['previousFile'] };
    const expected = { event: 'audit_continued', part: index + 1, previousFile: basename(before) };
    if (JSON.stringify(facts) !== JSON.stringify(expected)) throw new Error(`file ${index + 1} begins with ${JSON.stringify(first)}`);
  }
  return records.flat();
}
