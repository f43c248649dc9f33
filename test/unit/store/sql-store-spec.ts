import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { CodedError } from '../../../src/errors/coded-error.js';
import { SqlStore } from '../../../src/store/sql-store.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the store', () => {
  let directory: TemporaryDirectory;
  let ledgerFile: string;
  let opened: SqlStore[];

  beforeEach(() => {
    directory = new TemporaryDirectory();
    ledgerFile = directory.file('state/ledger.sqlite');
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.onApplicationShutdown()));
    directory.remove();
  });

  async function open(): Promise<SqlStore> {
    const store = await SqlStore.open({ ledgerFile, createsLedger: true });
    opened.push(store);
    return store;
  }

  const pin = (seller: string) => ({ seller, network: 'eip155:8453', payee: '0x1', pinned_at: 1n });

  async function sellers(store: SqlStore): Promise<string[]> {
    const rows = await store.reader.selectFrom('payee_pin').select('seller').orderBy('seller').execute();
    return rows.map(({ seller }) => seller);
  }

  it('is private: directory 0700, files 0600', async () => {
    await (await open()).write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    expect(modeOf(directory.file('state'))).toBe(0o700);
    for (const name of ['', '-wal', '-shm']) expect(modeOf(`${ledgerFile}${name}`)).toBe(0o600);
  });

  it('makes a file private that was not', async () => {
    mkdirSync(directory.file('state'));
    writeFileSync(ledgerFile, '');
    chmodSync(ledgerFile, 0o644);
    await open();
    expect(modeOf(ledgerFile)).toBe(0o600);
  });

  it('keeps what was written over a restart', async () => {
    await (await open()).write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    await opened.pop()!.onApplicationShutdown();
    expect(await sellers(await open())).toEqual(['a']);
  });

  it('writes all of a transaction or nothing', async () => {
    const store = await open();
    const work = store.write(async (tx) => {
      await tx.insertInto('payee_pin').values(pin('a')).execute();
      throw new CodedError('audit_unavailable', 'no audit');
    });
    await expect(work).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(await sellers(store)).toEqual([]);
  });

  it('tells a fault of the database as one of the ledger, with its cause', async () => {
    const store = await open();
    const insert = () => store.write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    await insert();
    await expect(insert()).rejects.toMatchObject({ code: 'ledger_unavailable', cause: expect.anything() });
  });

  it('goes on after a transaction that failed', async () => {
    const store = await open();
    await expect(store.write(() => Promise.reject(new Error('no')))).rejects.toThrow();
    await store.write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    expect(await sellers(store)).toEqual(['a']);
  });

  it('runs one transaction at a time, so that what was read is still true at the end', async () => {
    const store = await open();
    const count = () =>
      store.write(async (tx) => {
        const { taken } = await tx
          .selectFrom('payee_pin')
          .select(({ fn }) => fn.countAll<bigint>().as('taken'))
          .executeTakeFirstOrThrow();
        await Promise.resolve();
        await tx
          .insertInto('payee_pin')
          .values(pin(`seller ${taken}`))
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, count));
    expect(await sellers(store)).toHaveLength(20);
  });

  it('has what was committed on disk when asked to, again and again', async () => {
    const store = await open();
    for (let round = 0; round < 3; round += 1) {
      await store.write((tx) =>
        tx
          .insertInto('payee_pin')
          .values(pin(`${round}`))
          .execute(),
      );
      await expect(Promise.all([store.durable(), store.durable(), store.durable()])).resolves.toHaveLength(3);
    }
  });

  it('sees in one connection what another has written', async () => {
    const [one, other] = [await open(), await open()];
    await one.write((tx) => tx.insertInto('payee_pin').values(pin('a')).execute());
    await other.write((tx) => tx.insertInto('payee_pin').values(pin('b')).execute());
    expect(await sellers(one)).toEqual(['a', 'b']);
  });

  it('refuses a ledger from the future, and names the change that it does not know', async () => {
    const store = await open();
    await store.write((tx) => sql`insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')`.execute(tx));
    await opened.pop()!.onApplicationShutdown();
    await expect(open()).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringMatching(
        /ledger\.sqlite cannot be used \(a later version.*999-from-the-future.*\)\. Nothing is paid without it/,
      ),
    });
  });

  it('refuses a file that is no database, and leaves it as it is', async () => {
    mkdirSync(directory.file('state'));
    writeFileSync(ledgerFile, 'this is a letter to my aunt '.repeat(100));
    const before = statSync(ledgerFile).size;
    await expect(open()).rejects.toMatchObject({ code: 'ledger_unavailable', message: expect.stringContaining('not a database') });
    expect(statSync(ledgerFile).size).toBe(before);
  });

  it.each([
    ['a directory', () => mkdirSync(ledgerFile, { recursive: true })],
    ['below a file', () => writeFileSync(directory.file('state'), '')],
  ])('refuses a path that is %s', async (_name, prepare) => {
    prepare();
    await expect(open()).rejects.toMatchObject({ code: 'ledger_unavailable' });
  });
});
