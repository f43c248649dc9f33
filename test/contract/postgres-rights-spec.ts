import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, report } from './ledger-facts.js';

const PASSWORD = 'of-the-proxy';

describe('a role with the rights of config/postgres-grants.sql', () => {
  let server: PostgresServer;
  let directory: TemporaryDirectory;
  let owner: SqlStore;
  let books: Books;

  beforeAll(async () => {
    server = await PostgresServer.start();
    directory = new TemporaryDirectory();
    const url = await server.database();
    owner = await storeOn(url, true);
    await execute(owner, `create role blockrun_proxy login password '${PASSWORD}'`);
    await execute(owner, readFileSync('config/postgres-grants.sql', 'utf8'));
    const own = new URL(url);
    own.username = 'blockrun_proxy';
    own.password = PASSWORD;
    books = await openBooks({ directory: directory.path, clock: { now: () => new Date() }, openStore: () => storeOn(own.href, true) });
  });
  afterAll(async () => {
    await books.close();
    await owner.onApplicationShutdown();
    await server.stop();
    directory.remove();
  });

  const storeOn = (url: string, createsLedger: boolean) =>
    SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger }, () => new PostgresEngine(url));
  const execute = (store: SqlStore, statements: string) => store.write((tx) => sql.raw(statements).execute(tx));

  it('suffices for all that a proxy and its operator do', async () => {
    const { ledger, control, instance, store } = books;
    await instance.beat();
    for (const id of ['settled', 'released', 'proven', 'expired'])
      await ledger.place({ ...claim(id), concurrent: 9n, client: { name: 'a', capMicroUsd: 500_000n, requestsPerMinute: 9n } });
    for (const isThere of [true, false]) await control.followPauseFile('/PAUSE', () => isThere);
    await ledger.sign('settled', authorization(1000n, 1));
    await ledger.settle('settled', { report: report() });
    await ledger.release('released', { report: report(), answered: false });
    await ledger.sign('proven', authorization(1000n, 2));
    await ledger.leaveUnresolved('proven', { report: report() });
    await ledger.releaseProven('proven', { event: 'payment_reconciled', reason: 'a proof' });
    await ledger.expire('expired', { event: 'hold_expired', reason: 'its process is gone' });
    await ledger.bookOverrun('proven', { transaction: '0x12', reason: 'taken after all' });
    await control.resume('looked into');
    await control.raise(1000n, 'a test');
    await control.reset('a test');
    await control.stop('a test');
    await control.resume('a test');
    await control.acceptClock('a test');
    await books.audit.verifyWritable();
    await ledger.verifyOpen();
    await store.write((tx) => tx.insertInto('payee_pin').values({ seller: 's', network: 'n', payee: 'p', pinned_at: 1n }).execute());
    await instance.bury([instance.id]);
    expect((await ledger.allTotals())[0]).toMatchObject({
      spentMicroUsd: 2000n,
      heldMicroUsd: 0n,
      signedMicroUsd: 0n,
      unresolvedMicroUsd: 0n,
    });
  });

  it.each([
    'update entry set amount = 0',
    'delete from entry',
    'truncate entry',
    'update allowance set amount = 1',
    'delete from allowance',
    'update payee_pin set payee = $$another$$',
    'delete from stop',
    'delete from day',
    'delete from client_day',
    'delete from audit_head',
    'alter table entry disable trigger all',
    'drop trigger entry_no_change on entry',
    'drop table entry',
    'create table another (id int)',
    'create or replace function entry_is_kept() returns trigger language plpgsql as $$ begin return new; end $$',
  ])('does not allow: %s', async (statement) => {
    await expect(execute(books.store, statement)).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringMatching(/permission denied|must be owner/) as unknown,
    });
  });

  it.each(['update entry set amount = 0', 'delete from entry', 'truncate entry', 'delete from allowance', 'truncate allowance'])(
    'is not even the last guard: its owner is refused, too: %s',
    async (statement) => {
      await expect(execute(owner, statement)).rejects.toMatchObject({
        message: expect.stringMatching(/never changed or deleted/) as unknown,
      });
    },
  );
});
