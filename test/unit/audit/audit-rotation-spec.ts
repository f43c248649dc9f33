import { readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closedPath } from '../../../src/audit/audit-parts.js';
import { AuditBooks, eventOf, models } from '../../support/audit-books.js';
import { auditFilesOf } from '../../support/audit-files.js';

describe('the name of a closed file', () => {
  it.each([
    ['/state/audit.jsonl', 1, '/state/audit.0001.jsonl'],
    ['/state/my.audit.log', 23, '/state/my.audit.0023.log'],
    ['/state/audit', 7, '/state/audit.0007'],
    ['/state/audit.jsonl', 12345, '/state/audit.12345.jsonl'],
  ])('of %s, part %d, is %s', (path, part, closed) => {
    expect(closedPath(path, part)).toBe(closed);
  });
});

describe('an audit that is full', () => {
  let at: AuditBooks;
  beforeEach(() => {
    at = new AuditBooks();
  });
  afterEach(() => at.remove());

  it('is closed, and goes on in a new file that begins with a line about it', async () => {
    const books = await at.open();
    await at.record(books, ...models(0, 9));
    expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.0002.jsonl', 'audit.jsonl']);
    expect(at.recorded()).toEqual(models(0, 9));
    for (const file of auditFilesOf(at.path)) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(file).size).toBeLessThanOrEqual(1000);
    }
    const [first] = readFileSync(at.path, 'utf8').split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      event: 'audit_continued',
      part: 3,
      previousFile: 'audit.0002.jsonl',
      previousBytes: statSync(closedPath(at.path, 2)).size,
    });
    expect(await at.verify(books)).toMatchObject(at.sound());
  });

  it('never changes its closed files again, over restarts too', async () => {
    let books = await at.open();
    await at.record(books, ...models(0, 9));
    const closed = auditFilesOf(at.path).slice(0, -1);
    const before = closed.map((file) => readFileSync(file, 'utf8'));
    for (let round = 0; round < 3; round += 1) {
      await at.close(books);
      books = await at.open();
      await at.record(books, ...models(9 + 5 * round, 14 + 5 * round));
    }
    expect(closed.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    expect(at.recorded()).toEqual(models(0, 24));
    expect(await at.verify(books)).toMatchObject(at.sound());
  });

  it('begins one new file, and no more, within a transaction', async () => {
    const books = await at.open();
    await at.record(books, 'm0');
    await books.store.write(async (tx) => {
      for (const model of models(1, 10)) await books.audit.append(tx, eventOf(model));
    });
    expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.jsonl']);
    await at.record(books, 'm10');
    expect(at.recorded()).toEqual(models(0, 11));
    expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.0002.jsonl', 'audit.jsonl']);
    expect(await at.verify(books)).toMatchObject(at.sound());
  });

  it('takes a line that is larger than a whole file', async () => {
    const books = await at.open();
    const large = 'x'.repeat(3000);
    await at.record(books, large);
    expect(at.files()).toEqual(['audit.jsonl']);
    await at.record(books, 'a', large, large, 'b');
    expect(at.recorded()).toEqual([large, 'a', large, large, 'b']);
    expect(await at.verify(books)).toMatchObject(at.sound());
  });

  it('that is full of lines of the original alone is closed too', async () => {
    writeFileSync(at.path, '{"ts":"2026-06-05T10:00:00.000Z","event":"chat_completion","model":"a/b"}\n'.repeat(20));
    const books = await at.open();
    await at.record(books, 'a', 'b');
    expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.jsonl']);
    expect(await at.verify(books)).toMatchObject({ ok: true, unchained: 20, lines: 3, files: 2 });
  });

  it('that is a link to a file elsewhere leaves that file where it is', async () => {
    symlinkSync(at.directory.file('elsewhere.jsonl'), at.path);
    const books = await at.open();
    await at.record(books, ...models(0, 6));
    expect(at.recorded()).toEqual(models(0, 6));
    expect(readFileSync(at.directory.file('elsewhere.jsonl'), 'utf8')).toBe(readFileSync(closedPath(at.path, 1), 'utf8'));
    expect(await at.verify(books)).toMatchObject(at.sound());
  });

  it('is written by several processes in turns, each of which finds the new file', async () => {
    const all = [await at.open(), await at.open(), await at.open()];
    for (const [index, model] of models(0, 40).entries()) await at.record(all[index % 3]!, model);
    // One sleeps over more than one new file.
    await at.record(all[0]!, ...models(40, 50));
    await at.record(all[2]!, ...models(50, 60));
    for (const books of all) await expect(books.audit.verifyWritable()).resolves.toBeUndefined();
    await at.record(all[1]!, 'last');
    expect(at.recorded()).toEqual([...models(0, 60), 'last']);
    expect(at.files().length).toBeGreaterThan(15);
    expect(await at.verify(all[0]!)).toMatchObject(at.sound());
  });

  it.each([0, 40, 400])('is put back when a power cut left %d bytes of the new file', async (left) => {
    const books = await at.open();
    await at.record(books, ...models(0, 6));
    const whole = readFileSync(at.path, 'utf8');
    await at.close(books);
    truncateSync(at.path, left);
    const after = await at.open();
    expect(readFileSync(at.path, 'utf8')).toBe(whole);
    await at.record(after, 'm6');
    expect(at.recorded()).toEqual(models(0, 7));
    expect(await at.verify(after)).toMatchObject(at.sound());
  });
});
