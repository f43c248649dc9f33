import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { closedPath } from '../../../src/audit/audit-parts.js';
import { CodedError } from '../../../src/errors/coded-error.js';
import { AuditBooks, models } from '../../support/audit-books.js';
import { auditFilesOf } from '../../support/audit-files.js';

const unavailable = (reason: string) => ({ code: 'audit_unavailable', message: expect.stringContaining(reason) as unknown });

describe('an audit of several files', () => {
  let at: AuditBooks;
  beforeEach(() => {
    at = new AuditBooks();
  });
  afterEach(() => at.remove());

  describe('beside an old state of the ledger', () => {
    let other: AuditBooks | undefined;
    afterEach(() => other?.remove());

    const copy = (from: string, to: string) => cpSync(from, to, { recursive: true });

    /** The ledger as it was when `first` had been recorded, beside the audit of all: as after a power cut that its log was not synced before. */
    async function withOldLedger(first: string[], later: string[]): Promise<void> {
      const before = await at.open();
      await at.record(before, ...first);
      await at.close(before);
      const old = new AuditBooks();
      other = old;
      copy(at.directory.path, old.directory.path);
      const after = await at.open();
      await at.record(after, ...later);
      await at.close(after);
      for (const name of [...at.files()]) copy(at.directory.file(name), old.directory.file(name));
      [at, other] = [old, at];
    }

    it('undoes a change of files that the ledger forgot in a power cut', async () => {
      await withOldLedger(models(0, 3), models(3, 6));
      expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.jsonl']);
      const books = await at.open();
      expect(at.recorded()).toEqual([...models(0, 3), 'audit_repaired']);
      await at.record(books, ...models(3, 9));
      expect(at.recorded()).toEqual([...models(0, 3), 'audit_repaired', ...models(3, 9)]);
      expect(await at.verify(books)).toMatchObject(at.sound());
    });

    it('is refused, and nothing touched, when the ledger is older than a power cut can make it', async () => {
      await withOldLedger(models(0, 3), models(3, 12));
      const before = auditFilesOf(at.path).map((file) => readFileSync(file, 'utf8'));
      expect(before).toHaveLength(4);
      await expect(at.open()).rejects.toMatchObject(unavailable('it goes further than the ledger, which is an old one'));
      expect(auditFilesOf(at.path).map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    });
  });

  // Guards against two changes of files of which a power cut makes the ledger forget both.
  it('changes its files only once what the ledger has committed is on disk', async () => {
    const books = await at.open();
    await at.record(books, ...models(0, 4));
    const durable = jest.spyOn(books.store, 'durable').mockImplementationOnce(() => {
      expect(at.files()).toEqual(['audit.jsonl']);
      return Promise.reject(new CodedError('ledger_unavailable', 'the disk failed'));
    });
    await expect(at.record(books, 'no')).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(at.files()).toEqual(['audit.jsonl']);
    await at.record(books, 'm4');
    expect(durable).toHaveBeenCalledTimes(2);
    expect(at.recorded()).toEqual(models(0, 5));
  });

  // Guards against a new ledger that forgets what was spent, since the audit under the configured name looks new.
  it.each([['empty', () => truncateSync(at.path, 0)] as const, ['gone', () => rmSync(at.path)] as const])(
    'is refused without its ledger while its current file is %s',
    async (_name, clear) => {
      const books = await at.open();
      await at.record(books, ...models(0, 6));
      await at.close(books);
      for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm']) rmSync(at.directory.file(name), { force: true });
      clear();
      await expect(at.open()).rejects.toMatchObject(unavailable('it belongs to a ledger that is gone'));
    },
  );

  describe('and whose closed name is taken by a file of somebody else', () => {
    it('is refused at the start', async () => {
      const books = await at.open();
      await at.record(books, 'a');
      await at.close(books);
      copyFileSync(at.path, closedPath(at.path, 1));
      await expect(at.open()).rejects.toMatchObject(unavailable('audit.0001.jsonl has the name that'));
      rmSync(closedPath(at.path, 1));
      await at.record(await at.open(), 'b');
      expect(at.recorded()).toEqual(['a', 'b']);
    });

    it('refuses the line for which there is no room, and keeps both files', async () => {
      const books = await at.open();
      await at.record(books, ...models(0, 4));
      const full = readFileSync(at.path, 'utf8');
      writeFileSync(closedPath(at.path, 1), 'of somebody else');
      await expect(at.record(books, 'm4')).rejects.toMatchObject(unavailable('move it away'));
      expect([readFileSync(at.path, 'utf8'), readFileSync(closedPath(at.path, 1), 'utf8')]).toEqual([full, 'of somebody else']);
      rmSync(closedPath(at.path, 1));
      await at.record(books, 'm4');
      expect(at.recorded()).toEqual(models(0, 5));
    });
  });

  describe('that somebody else moves', () => {
    it.each([
      ['and puts nothing in its place', () => undefined],
      ['and makes a new one in its place', () => writeFileSync(at.path, '', { mode: 0o600 })],
      [
        'and copies its beginning into its place',
        () => writeFileSync(at.path, readFileSync(at.directory.file('moved'), 'utf8').slice(0, 300)),
      ],
    ])('%s, keeps every line from being written until it is back', async (_name, replace) => {
      const books = await at.open();
      const other = await at.open();
      await at.record(books, ...models(0, 6));
      renameSync(at.path, at.directory.file('moved'));
      replace();
      await expect(at.record(books, 'no')).rejects.toMatchObject(unavailable('it was moved, deleted or replaced'));
      await expect(at.record(other, 'no')).rejects.toMatchObject(unavailable('it was moved, deleted or replaced'));
      await expect(books.audit.verifyWritable()).rejects.toMatchObject(unavailable('it was moved, deleted or replaced'));
      renameSync(at.directory.file('moved'), at.path);
      await at.record(books, 'm6');
      await at.record(other, 'm7');
      expect(at.recorded()).toEqual(models(0, 8));
      expect(await at.verify(books)).toMatchObject(at.sound());
    });

    it('and cuts in place, keeps every line from being written', async () => {
      const books = await at.open();
      await at.record(books, ...models(0, 6));
      truncateSync(at.path, 0);
      await expect(at.record(books, 'no')).rejects.toMatchObject(unavailable('shorter than the ledger knows it'));
    });
  });
});
