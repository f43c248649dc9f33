import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditFile } from '../../../src/audit/audit-file.js';
import { AuditBooks, eventOf, models } from '../../support/audit-books.js';
import type { Books } from '../../support/open-books.js';

/** Where a process stops that closes the full file and begins a new one. */
const STEPS = [
  'before the old file is renamed',
  'when the old file is renamed',
  'when the new file is empty',
  'in the middle of the first line',
  'before the transaction commits',
  'many lines into the transaction',
] as const;
type Step = (typeof STEPS)[number];

class StoppableFile extends AuditFile {
  stopAt: Step | undefined;

  override sync(): void {
    if (this.stopAt === 'before the old file is renamed') throw new Error('stopped');
    super.sync();
  }

  override begin(): void {
    if (this.stopAt === 'when the old file is renamed') throw new Error('stopped');
    super.begin();
    if (this.stopAt === 'when the new file is empty') throw new Error('stopped');
  }

  override append(bytes: Buffer): void {
    if (this.stopAt !== 'in the middle of the first line') return super.append(bytes);
    super.append(bytes.subarray(0, 100));
    throw new Error('stopped');
  }
}

describe('an audit whose change of files is cut off', () => {
  let at: AuditBooks;
  beforeEach(() => {
    at = new AuditBooks();
  });
  afterEach(() => at.remove());

  /** With these the file is full; the transaction of the next line stops at the step. On disk it is as if the process was killed there. */
  async function stopAt(step: Step, recorded = models(0, 4)): Promise<Books> {
    let file!: StoppableFile;
    const books = await at.open((path) => (file = new StoppableFile(path)));
    await at.record(books, ...recorded);
    expect(at.files()).toEqual(['audit.jsonl']);
    const transaction = books.store.write(async (tx) => {
      file.stopAt = step;
      for (const model of models(0, step.startsWith('many') ? 9 : 1)) await books.audit.append(tx, eventOf(`lost ${model}`));
      throw new Error('stopped');
    });
    await expect(transaction).rejects.toThrow('stopped');
    file.stopAt = undefined;
    return books;
  }

  /** All that was recorded is there, and nothing of the transaction that stopped. */
  function expectRecorded(count: number): void {
    expect(at.recorded().filter((name) => name !== 'audit_repaired')).toEqual(models(0, count));
  }

  describe.each(STEPS)('%s', (step) => {
    const leavesBytes = STEPS.indexOf(step) > STEPS.indexOf('when the new file is empty');

    it('is sound for the verifier as it stands', async () => {
      const books = await stopAt(step);
      expect(await at.verify(books)).toMatchObject({ ok: true, lines: 4, files: 1, notes: [] });
    });

    it('goes on in the same process', async () => {
      const books = await stopAt(step);
      await at.record(books, ...models(4, 12));
      expectRecorded(12);
      expect(at.recorded().includes('audit_repaired')).toBe(leavesBytes);
      expect(await at.verify(books)).toMatchObject(at.sound());
    });

    it('goes on in another process that has the old file open, and then in both', async () => {
      const other = await at.open();
      await at.record(other, 'm0');
      const books = await stopAt(step, models(1, 4));
      await at.record(other, 'm4');
      await at.record(books, 'm5');
      await at.record(other, ...models(6, 12));
      await at.record(books, ...models(12, 20));
      expectRecorded(20);
      expect(await at.verify(books)).toMatchObject(at.sound());
    });

    it('goes on at the next start', async () => {
      const books = await stopAt(step);
      await at.close(books);
      const after = await at.open();
      expect(await at.verify(after)).toMatchObject(at.sound());
      await at.record(after, ...models(4, 12));
      expectRecorded(12);
      expect(at.recorded().includes('audit_repaired')).toBe(leavesBytes);
      expect(await at.verify(after)).toMatchObject(at.sound());
    });

    it('is found by a look at whether lines can be written', async () => {
      const books = await stopAt(step);
      await expect(books.audit.verifyWritable()).resolves.toBeUndefined();
      expect(await at.verify(books)).toMatchObject(at.sound());
      await at.record(books, 'm4');
      expectRecorded(5);
    });

    // Guards against a process that takes its own file, which was never committed, for that of another one with the same number.
    it('does not keep the process from finding the file that another one began in its place', async () => {
      const books = await stopAt(step);
      const other = await at.open();
      await at.record(other, ...models(4, 6));
      expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.jsonl']);
      await at.record(books, 'm6');
      expectRecorded(7);
      expect(await at.verify(books)).toMatchObject(at.sound());
    });
  });

  it('does not begin behind what somebody else put under its path in that moment', async () => {
    class DisturbedFile extends AuditFile {
      override begin(): void {
        writeFileSync(this.path, 'of somebody else');
        super.begin();
      }
    }
    const books = await at.open((path) => new DisturbedFile(path));
    await at.record(books, ...models(0, 9));
    expectRecorded(9);
    expect(await at.verify(books)).toMatchObject(at.sound());
  });

  it('after the transaction has committed goes on in the new file', async () => {
    await at.record(await at.open(), ...models(0, 5));
    const after = await at.open();
    expect(at.files()).toEqual(['audit.0001.jsonl', 'audit.jsonl']);
    await at.record(after, 'm5');
    expect(at.recorded()).toEqual(models(0, 6));
    expect(await at.verify(after)).toMatchObject(at.sound());
  });
});
