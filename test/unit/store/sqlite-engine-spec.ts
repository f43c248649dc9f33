import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { SqlStore } from '../../../src/store/sql-store.js';
import { SqliteEngine } from '../../../src/store/sqlite-engine.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const MIB = 1024 * 1024;

describe('the file of a ledger', () => {
  let directory: TemporaryDirectory;
  let file: string;

  beforeEach(() => {
    directory = new TemporaryDirectory();
    file = directory.file('ledger.sqlite');
  });
  afterEach(() => directory.remove());

  /** Of the connection that writes. */
  const settings = () => {
    const engine = new SqliteEngine(file);
    const { database } = engine as unknown as { database: InstanceType<typeof Database> };
    const [pageBytes, logPages] = ['page_size', 'wal_autocheckpoint'].map((name) => {
      const [row] = database.pragma(name) as [Record<string, bigint>];
      return Number(row[name]);
    }) as [number, number];
    engine.close();
    return { pageBytes, logMib: (logPages * pageBytes) / MIB };
  };
  const write = async () => {
    const store = await SqlStore.open({ ledgerFile: file, createsLedger: true });
    await store.write((tx) => tx.insertInto('payee_pin').values({ seller: 'a', network: 'b', payee: 'c', pinned_at: 1n }).execute());
    const pins = await store.reader.selectFrom('payee_pin').selectAll().execute();
    await store.onApplicationShutdown();
    return pins;
  };

  it('has pages of 2 KiB where it is new, and a log of at most 16 MiB', async () => {
    expect(await write()).toHaveLength(1);
    expect(settings()).toEqual({ pageBytes: 2048, logMib: 16 });
  });

  it('keeps the size of pages that it has, with a log of the same size', async () => {
    const before = new Database(file);
    before.exec('pragma page_size = 4096; create table other (a)');
    before.close();
    expect(await write()).toHaveLength(1);
    expect(settings()).toEqual({ pageBytes: 4096, logMib: 16 });
  });
});
