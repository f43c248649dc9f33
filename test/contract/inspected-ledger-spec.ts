import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Configuration } from '../../src/configuration/configuration.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY } from './ledger-facts.js';

describe.each(ENGINES)('a ledger on %s that is opened for reading', (engine) => {
  let site: LedgerSite;
  let directory: TemporaryDirectory;
  let books: Books;
  let places: Configuration;

  beforeEach(async () => {
    site = await LedgerSite.open(engine);
    directory = new TemporaryDirectory();
    books = await openBooks({ directory: directory.path, clock: new FakeClock(), openStore: site.storeIn(directory.path) });
    await books.ledger.place(claim('a'));
    places = new Configuration({ BLOCKRUN_LEDGER_FILE: directory.file('ledger.json'), ...(await site.environmentFor(directory.path)) });
  });
  afterEach(async () => {
    await books.close();
    await site.close();
    directory.remove();
  });

  it('shows what others write, while they do, and keeps none of them waiting', async () => {
    const store = await SqlStore.inspect(places);
    await store.snapshot(async (db) => {
      expect(await db.selectFrom('day').select(['day', 'held']).execute()).toEqual([{ day: DAY, held: 50_000n }]);
      await books.ledger.place(claim('b'));
    });
    expect(await store.reader.selectFrom('day').select('held').execute()).toEqual([{ held: 100_000n }]);
    expect(await new AuditVerifier(store, books.auditPath).verify()).toMatchObject({ ok: true });
    await store.onApplicationShutdown();
  });

  it('is refused where it is of another version, and not brought up to this one', async () => {
    const { reader } = books.store;
    await reader
      .deleteFrom('kysely_migration' as never)
      .where('name' as never, 'like', '003%' as never)
      .execute();
    const opened = SqlStore.inspect(places);
    await expect(opened).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringContaining('earlier version') as unknown,
    });
    expect(
      await reader
        .selectFrom('kysely_migration' as never)
        .select('name' as never)
        .where('name' as never, 'like', '003%' as never)
        .execute(),
    ).toEqual([]);
  });
});

describe('a file that is opened for reading', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  const inspect = () => SqlStore.inspect({ ledgerFile: directory.file('a b%20#?.sqlite'), sharedLedger: undefined });

  it('cannot be changed through it, whatever its name', async () => {
    const made = await SqlStore.open({ ledgerFile: directory.file('a b%20#?.sqlite'), createsLedger: true });
    await made.onApplicationShutdown();
    const store = await inspect();
    await expect(store.reader.deleteFrom('day').execute()).rejects.toThrow('readonly');
    await expect(store.write(() => Promise.resolve())).rejects.toMatchObject({ code: 'ledger_unavailable' });
    await store.onApplicationShutdown();
  });

  it('is not made, and not taken for a ledger when it is none', async () => {
    await expect(inspect()).rejects.toThrow('there is no such file');
    writeFileSync(directory.file('a b%20#?.sqlite'), '');
    await expect(inspect()).rejects.toThrow('it is empty');
  });
});
