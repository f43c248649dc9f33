import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { oneRowTemplate } from '../../../src/store/query-template.js';
import { SqlStore } from '../../../src/store/sql-store.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

describe('the connection to a SQLite file', () => {
  let directory: TemporaryDirectory;
  let opened: SqlStore[];

  const open = async () => {
    const store = await SqlStore.open({ ledgerFile: directory.file('ledger.sqlite'), createsLedger: true });
    opened.push(store);
    return store;
  };
  const pin = (seller: string) => ({ seller, network: 'eip155:8453', payee: '0x1', pinned_at: 9_007_199_254_740_993n });
  const pinOf = (store: SqlStore) =>
    oneRowTemplate<{ seller: string }, { seller: string; pinned_at: bigint }>((blank) =>
      store.reader.selectFrom('payee_pin').select(['seller', 'pinned_at']).where('seller', '=', blank('seller')),
    );

  beforeEach(() => {
    directory = new TemporaryDirectory();
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await store.onApplicationShutdown();
    directory.remove();
  });

  it('reads a row, or none, by name and to the last digit', async () => {
    const store = await open();
    await store.write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    expect((await store.reader.executeQuery(pinOf(store)({ seller: 'a' }))).rows).toEqual([
      { seller: 'a', pinned_at: 9_007_199_254_740_993n },
    ]);
    expect((await store.reader.executeQuery(pinOf(store)({ seller: 'b' }))).rows).toEqual([]);
  });

  it('is at no old moment of the file after it has read one row', async () => {
    const [store, other] = [await open(), await open()];
    const read = pinOf(store);
    await store.reader.executeQuery(read({ seller: 'a' }));
    await other.write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    expect((await store.reader.executeQuery(read({ seller: 'a' }))).rows).toHaveLength(1);
    const { rows } = await sql<{ busy: bigint }>`pragma wal_checkpoint(truncate)`.execute(other.reader);
    expect(rows[0]?.busy).toBe(0n);
  });

  it('names the columns that a table has now', async () => {
    const [store, other] = [await open(), await open()];
    await store.write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    const read = () => store.reader.selectFrom('payee_pin').selectAll().executeTakeFirst();
    expect(Object.keys((await read()) ?? {})).not.toContain('later');
    await other.write((tx) => sql`alter table payee_pin add column later text default 'now'`.execute(tx));
    expect(await read()).toMatchObject({ ...pin('a'), later: 'now' });
  });

  it('takes one caller after the other, and the next one after an error', async () => {
    const store = await open();
    const broken = sql`select * from nowhere`.execute(store.reader);
    const reads = [1, 2, 3].map(() => store.reader.selectFrom('day').selectAll().execute());
    await expect(broken).rejects.toThrow(/no such table/);
    expect(await Promise.all(reads)).toEqual([[], [], []]);
  });
});
