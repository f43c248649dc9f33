import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type LedgerTransaction, SqlStore } from '../../../src/store/sql-store.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const NOTE = (text: string) => sql`insert into note values (${text})`;

describe('writes that come together', () => {
  let directory: TemporaryDirectory;
  let store: SqlStore;
  const notes = async (db = store): Promise<string[]> => {
    const { rows } = await sql<{ text: string }>`select text from note order by rowid`.execute(db.reader);
    return rows.map(({ text }) => text);
  };
  const write = (text: string) => store.write((tx) => NOTE(text).execute(tx));
  const open = () => SqlStore.open({ ledgerFile: directory.file('ledger.sqlite'), createsLedger: true });

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    store = await open();
    await store.write(async (tx) => {
      await sql`create table note (text text unique)`.execute(tx);
      await sql`create table promise (kept text references note (text) deferrable initially deferred)`.execute(tx);
    });
  });
  afterEach(async () => {
    await store.onApplicationShutdown();
    directory.remove();
  });

  it('are in one transaction, in their order, and others see none of them before all are there', async () => {
    const other = await open();
    const seen: string[][] = [];
    const look = async (tx: LedgerTransaction, text: string) => {
      await NOTE(text).execute(tx);
      seen.push(await notes(other));
    };
    const ends: string[] = [];
    await Promise.all(['a', 'b', 'c'].map((text) => store.write((tx) => look(tx, text)).then(() => ends.push(text))));
    expect(seen).toEqual([[], [], []]);
    expect(ends).toEqual(['a', 'b', 'c']);
    expect(await notes(other)).toEqual(['a', 'b', 'c']);
    await other.onApplicationShutdown();
  });

  it('fail alone: what one has written goes back, and the others stay', async () => {
    const failing = () =>
      store.write(async (tx) => {
        await NOTE('b').execute(tx);
        throw new Error('b was not meant');
      });
    const ends = await Promise.allSettled([write('a'), failing(), write('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((ends[1] as PromiseRejectedResult).reason).toMatchObject({ message: expect.stringContaining('b was not meant') });
    expect(await notes()).toEqual(['a', 'c']);
  });

  it('see what those before them have written, and nothing of one that has failed', async () => {
    const count = () =>
      store.write(async (tx) => {
        const { rows } = await sql<{ notes: bigint }>`select count(*) as notes from note`.execute(tx);
        return rows[0]?.notes;
      });
    const [before, , between, , after] = await Promise.allSettled([count(), write('a'), count(), write('a'), count()]);
    expect([before, between, after]).toEqual([0n, 1n, 1n].map((value) => ({ status: 'fulfilled', value })));
  });

  it('all fail where their commit fails, and the next one goes on', async () => {
    const broken = () => store.write((tx) => sql`insert into promise values ('never written')`.execute(tx));
    const ends = await Promise.allSettled([write('a'), broken(), write('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await notes()).toEqual([]);
    await write('d');
    expect(await notes()).toEqual(['d']);
  });

  it('are told why where the database gave up the whole transaction, and those behind begin anew', async () => {
    await write('there');
    // As SQLite does by itself on a full disk.
    const givenUp = () => store.write((tx) => sql`insert or rollback into note values ('there')`.execute(tx));
    const ends = await Promise.allSettled([write('a'), givenUp(), write('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect((ends[0] as PromiseRejectedResult).reason).toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringContaining('UNIQUE'),
    });
    expect(await notes()).toEqual(['there', 'c']);
  });

  it('cannot ask anything any more once they are over', async () => {
    const kept: LedgerTransaction[] = [];
    await store.write((tx) => Promise.resolve(kept.push(tx)));
    for (const tx of kept) await expect(NOTE('late').execute(tx)).rejects.toThrow('the transaction is over');
    expect(kept).toHaveLength(1);
    expect(await notes()).toEqual([]);
  });

  it('are all told where no transaction can begin', async () => {
    const closed = await open();
    await closed.onApplicationShutdown();
    const ends = await Promise.allSettled([1, 2].map(() => closed.write(() => Promise.resolve())));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('are not more than some at once, so that another process gets its turn', async () => {
    const other = await open();
    const seen = new Set<number>();
    const writes = Array.from({ length: 200 }, (_, index) =>
      write(`${index}`).then(async () => void seen.add((await notes(other)).length)),
    );
    await Promise.all(writes);
    expect(await notes(other)).toHaveLength(200);
    expect(Math.min(...seen)).toBeLessThan(100);
    await other.onApplicationShutdown();
  });
});

describe('a write that comes alone', () => {
  let directory: TemporaryDirectory;
  let store: SqlStore;
  /** How many writes each transaction had, in their order. */
  let transactions: number[];
  const write = async () => {
    const tx = await store.write((transaction) => Promise.resolve(transaction));
    if (tx !== newest) transactions.push(0);
    newest = tx;
    transactions[transactions.length - 1] = (transactions.at(-1) ?? 0) + 1;
  };
  let newest: LedgerTransaction | undefined;
  /** What comes first: the end of the write, or the next turn of the event loop. */
  const first = () => Promise.race([write().then(() => 'write'), new Promise((resolve) => setImmediate(() => resolve('turn')))]);
  const alone = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      await write();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    store = await SqlStore.open({ ledgerFile: directory.file('ledger.sqlite'), createsLedger: true });
    transactions = [];
    newest = undefined;
  });
  afterEach(async () => {
    await store.onApplicationShutdown();
    directory.remove();
  });

  it('waits for no company where those before it came alone, too', async () => {
    await alone(20);
    expect(await first()).toBe('write');
  });

  it('waits for company where there was some lately', async () => {
    await alone(20);
    await Promise.all([write(), write()]);
    transactions = [];
    await Promise.all([write(), write(), write()]);
    expect(transactions).toEqual([3]);
  });

  it('has company where the one before it in the same turn is over already', async () => {
    await alone(20);
    await write();
    await write(); // nothing but promises in between
    transactions = [];
    await Promise.all([write(), write()]);
    expect(transactions).toEqual([2]);
  });
});
