import { appendFileSync, mkdirSync, readFileSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closedPath } from '../../../src/audit/audit-parts.js';
import { AuditBooks, eventOf, models } from '../../support/audit-books.js';
import { linesOf } from '../../support/audit-chain.js';
import type { Books } from '../../support/open-books.js';
import { rechain } from '../../support/rechain.js';

/** Ten lines `m0` to `m9` in three files, of which `audit.jsonl` begins with m7 after the line that continues the chain. */
describe('the verifier on the files of an audit', () => {
  let at: AuditBooks;
  let books: Books;
  beforeEach(async () => {
    at = new AuditBooks();
    books = await at.open();
    await at.record(books, ...models(0, 10));
    expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.0002.jsonl', 'audit.jsonl']);
    expect(read(1)).toHaveLength(4);
    expect(read(3)).toHaveLength(4);
  });
  afterEach(() => at.remove());

  const file = (part: number) => (part === 3 ? at.path : closedPath(at.path, part));
  const read = (part: number) => linesOf(readFileSync(file(part), 'utf8'));
  const write = (part: number, lines: readonly string[]) => writeFileSync(file(part), lines.map((line) => `${line}\n`).join(''));
  const change = (part: number, how: (lines: string[]) => string[]) => write(part, how(read(part)));

  async function expectFault(where: string, what: string): Promise<void> {
    const verdict = await at.verify(books);
    expect(verdict).toMatchObject({ ok: false, fault: { where, what: expect.stringContaining(what) as unknown } });
  }

  it('says that they are right', async () => {
    expect(await at.verify(books)).toEqual({ ok: true, lines: 12, unchained: 0, files: 3, entries: 0, notes: [] });
  });

  it.each([
    [1, 0, 'audit.0001.jsonl:1'],
    [1, 2, 'audit.0001.jsonl:3'],
    [2, 0, 'audit.0002.jsonl:1'],
    [3, 1, 'audit.jsonl:2'],
    [3, 3, 'audit.jsonl:4'],
  ])('finds the line that was changed, in file %d, at %d', async (part, index, where) => {
    change(part, (lines) => lines.with(index, lines[index]!.replace('2026-06-06', '2026-06-07')));
    await expectFault(where, 'was changed');
  });

  it('finds a line that was changed in bytes that are no text', async () => {
    const bytes = readFileSync(file(1));
    bytes[40] = 0xff;
    writeFileSync(file(1), bytes);
    await expectFault('audit.0001.jsonl:1', 'was changed');
  });

  it('finds the line after one that was changed together with its hash', async () => {
    change(1, ([first, ...others]) => [...rechain([first!.replace('m0', 'mX')]), ...others]);
    await expectFault('audit.0001.jsonl:2', 'does not follow');
  });

  it('finds where a line was taken out', async () => {
    change(1, (lines) => lines.toSpliced(1, 1));
    await expectFault('audit.0001.jsonl:2', 'does not follow');
  });

  it('finds where the first line was taken out', async () => {
    change(1, (lines) => lines.slice(1));
    await expectFault('audit.0001.jsonl:1', 'does not follow');
  });

  it('finds where two lines changed places', async () => {
    change(2, ([first, one, other, ...others]) => [first!, other!, one!, ...others]);
    await expectFault('audit.0002.jsonl:2', 'does not follow');
  });

  it('finds a line that was put in', async () => {
    change(2, (lines) => lines.toSpliced(2, 0, '{"ts":"2026-06-06T15:00:00.000Z","event":"chat_completion"}'));
    await expectFault('audit.0002.jsonl:3', 'is not chained');
  });

  it('finds a line of the original that was put in ahead of a closed chain', async () => {
    change(1, (lines) => ['{"ts":"2026-06-06T15:00:00.000Z","event":"chat_completion"}', ...lines]);
    await expectFault('audit.0001.jsonl', 'has lines put in');
  });

  it('finds a line without its chain where the chain begins', async () => {
    change(1, ([first, ...others]) => [first!.slice(0, -10), ...others]);
    await expectFault('audit.0001.jsonl:1', 'is not chained');
  });

  it.each([1, 2])('finds that closed file %d is missing', async (part) => {
    rmSync(file(part));
    await expectFault(`audit.000${part}.jsonl`, 'is missing');
  });

  it('finds that the current file is missing', async () => {
    rmSync(file(3));
    await expectFault('audit.jsonl', 'is missing');
  });

  it('finds where a closed file was cut between two lines', async () => {
    change(1, (lines) => lines.slice(0, 3));
    await expectFault('audit.0001.jsonl:4', 'is cut');
  });

  it('finds where a closed file was cut within a line', async () => {
    truncateSync(file(1), readFileSync(file(1)).length - 20);
    await expectFault('audit.0001.jsonl:4', 'does not end');
  });

  it('finds a line that was put in where a file begins, although none was chained before it', async () => {
    const other = new AuditBooks();
    try {
      writeFileSync(other.path, '{"ts":"2026-06-05T10:00:00.000Z","event":"chat_completion"}\n'.repeat(20));
      const originals = await other.open();
      await other.record(originals, 'm0', 'm1');
      expect(await other.verify(originals)).toMatchObject({ ok: true, unchained: 20, lines: 3, files: 2 });
      const text = readFileSync(other.path, 'utf8');
      writeFileSync(other.path, `{"event":"chat_completion"}\n${text}`);
      const { fault } = await other.verify(originals);
      expect(fault).toEqual({ where: 'audit.jsonl:1', what: expect.stringContaining('is not chained') });
    } finally {
      await other.remove();
    }
  });

  it('finds that a closed file is empty', async () => {
    truncateSync(file(2), 0);
    await expectFault('audit.0002.jsonl:1', 'is cut');
  });

  it('finds lines behind the end of a closed file, whatever their hashes', async () => {
    change(1, (lines) => rechain([...lines, lines[0]!]));
    await expectFault('audit.0001.jsonl', 'has lines put in');
  });

  it('finds closed files that changed their names with each other', async () => {
    const [one, two] = [read(1), read(2)];
    write(1, two);
    write(2, one);
    await expectFault('audit.0001.jsonl:1', 'does not follow');
  });

  it.each([1, 2, 3])('finds where the last %d lines were cut off', async (count) => {
    change(3, (lines) => lines.slice(0, -count));
    await expectFault(`audit.jsonl:${5 - count}`, 'is cut: the file ends');
  });

  it('finds where the current file was cut within a line', async () => {
    truncateSync(at.path, readFileSync(at.path).length - 20);
    await expectFault('audit.jsonl:4', 'is cut: the file ends 20 bytes before');
  });

  it('tells that a power cut may have done it where the ledger has a copy', async () => {
    truncateSync(at.path, 700);
    const { fault, notes } = await at.verify(books);
    expect({ fault, notes }).toEqual({ fault: expect.anything(), notes: [expect.stringContaining('the proxy puts it back')] });
    // A start syncs the lines, and forgets the copies: then it was somebody else.
    await at.close(books);
    books = await at.open();
    truncateSync(at.path, 700);
    expect((await at.verify(books)).notes).toEqual([]);
  });

  it('finds a last line that is another one, although it follows', async () => {
    const lines = [...read(1), ...read(2), ...read(3)];
    const forged = rechain(lines.with(-1, lines.at(-1)!.replace('"m9"', '"mX"')));
    write(3, forged.slice(-4));
    await expectFault('audit.jsonl:4', 'is not the line that the ledger knows as the last one');
  });

  it('finds a whole chain that was made anew', async () => {
    const lines = [...read(1), ...read(2), ...read(3)];
    const forged = rechain(lines.with(2, lines[2]!.replace('"m2"', '"mX"')));
    for (const [part, from] of [1, 2, 3].map((part, index) => [part, 4 * index] as const)) write(part, forged.slice(from, from + 4));
    await expectFault('audit.jsonl:4', 'is not the line that the ledger knows as the last one');
  });

  it('finds lines of another length where the ledger knows the end', async () => {
    const lines = [...read(1), ...read(2), ...read(3)];
    const forged = rechain(lines.with(-2, lines.at(-2)!.replace('"m8"', '"something longer"')));
    write(3, forged.slice(-4));
    await expectFault('audit.jsonl:4', 'does not end where the ledger knows');
  });

  it('finds a hash that fits a line which is no JSON', async () => {
    change(1, ([first, ...others]) => [...rechain([first!]).map((line) => line.slice(0, -1)), ...others]);
    await expectFault('audit.0001.jsonl:1', 'is not chained');
  });

  it('reads no more of a line than any line of an audit has', async () => {
    truncateSync(file(1), 16 * 1024 ** 3); // without a newline, and without blocks on the disk
    await expectFault('audit.0001.jsonl:5', 'does not end');
  });

  it('notes lines behind the head and does not mind them, even where they follow', async () => {
    const lines = [...read(1), ...read(2), ...read(3)];
    const forged = rechain([...lines, lines.at(-1)!]).at(-1)!;
    appendFileSync(at.path, `${forged}\n`);
    const { ok, notes, lines: count } = await at.verify(books);
    expect({ ok, count, notes }).toEqual({
      ok: true,
      count: 12,
      notes: [expect.stringMatching(/^\d+ bytes are beyond the end .* began: /)],
    });
  });

  it('notes a last line that is torn', async () => {
    appendFileSync(at.path, '{"ts":"2026-06-06T15');
    const { ok, notes } = await at.verify(books);
    expect({ ok, notes }).toEqual({ ok: true, notes: [expect.stringContaining('20 bytes are beyond the end that the ledger knew')] });
    expect(notes[0]).toContain('the last line of them torn');
  });

  it('says what keeps it from reading', async () => {
    rmSync(at.path);
    mkdirSync(at.path);
    await expect(at.verify(books)).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('EISDIR') as unknown,
    });
    rmdirSync(at.path);
  });

  it('says that they are right while another proxy writes, and files change', async () => {
    const other = await at.open();
    let isOver = false;
    const writing = (async () => {
      for (const model of models(10, 80)) {
        await other.audit.record(eventOf(model));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })().finally(() => (isOver = true));
    const seen: number[] = [];
    while (!isOver) {
      const { ok, lines } = await at.verify(books);
      expect(ok).toBe(true);
      seen.push(lines);
    }
    await writing;
    expect(new Set(seen).size).toBeGreaterThan(2);
    expect(await at.verify(books)).toMatchObject(at.sound());
  });
});
