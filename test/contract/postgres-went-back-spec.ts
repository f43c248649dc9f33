import { readdirSync, readFileSync, statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/until.js';
import { claim, report } from './ledger-facts.js';

/** Put back from a backup, or on a standby that had not received everything: the server is the same, and its database is an earlier one. */
describe('a ledger that knows less than it had confirmed', () => {
  let server: PostgresServer;
  let directory: TemporaryDirectory;
  let url: string;
  let earlier: string;
  let signatures: number;

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    directory = new TemporaryDirectory();
    signatures = 0;
  });
  afterEach(() => directory.remove());

  const open = (at: string) =>
    openBooks({
      directory: directory.path,
      clock: { now: () => new Date() },
      openStore: () => SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger: true }, () => new PostgresEngine(at)),
    });
  const pay = async ({ ledger }: Books, id: string) => {
    await ledger.place(claim(id));
    await ledger.sign(id, authorization(1000n, (signatures += 1)));
    await ledger.settle(id, { report: report() });
  };
  /** Books that know one payment, a copy of them, and the lines of the payments since. */
  const payBeforeAndAfterBackup = async (since: readonly string[]) => {
    url = await server.database();
    let books = await open(url);
    await pay(books, 'before');
    await books.close();
    earlier = await server.database(url);
    books = await open(url);
    for (const id of since) await pay(books, id);
    const lines = books.auditLines();
    await books.close();
    return lines;
  };
  const stopsOf = async ({ control }: Books) => (await control.state()).stops;
  const lostFiles = () => readdirSync(directory.path).filter((name) => name.includes('.lost-'));

  it('pays nothing until an operator has looked, and keeps the lines of what it lost', async () => {
    const lines = await payBeforeAndAfterBackup(['lost', 'lost too']);
    const books = await open(earlier);
    expect(await stopsOf(books)).toEqual([expect.stringMatching(/lacks 4 records of machine alpha.*run reconcile/)]);
    await expect(books.ledger.place(claim('next'))).rejects.toMatchObject({ code: 'spending_stopped' });
    const [file = ''] = lostFiles();
    const lost = readFileSync(directory.file(file), 'utf8').trimEnd().split('\n');
    expect(lost.map((line) => JSON.parse(line) as unknown)).toEqual(lines.slice(-4));
    expect(statSync(directory.file(file)).mode & 0o777).toBe(0o600);
    expect(books.auditLines().at(-1)).toMatchObject({ event: 'audit_repaired' });
    expect(await new AuditVerifier(books.store, books.auditPath).verify()).toMatchObject({ ok: true });
    await books.control.resume('reconciled');
    await pay(books, 'next');
    await books.close();
    const again = await open(earlier);
    expect(await stopsOf(again)).toEqual([]);
    await again.close();
  });

  it('is noticed by a proxy that runs on: it signs nothing more, and spending is stopped', async () => {
    await payBeforeAndAfterBackup(['lost']);
    const books = await open(url);
    await pay(books, 'lost too');
    const [now, then] = [url, earlier].map((one) => new URL(one).pathname.slice(1));
    await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${now}'`);
    await server.run(`alter database ${now} rename to gone_${now}`);
    await server.run(`alter database ${then} rename to ${now}`);
    await until(
      () =>
        books.ledger.place(claim('next')).then(
          () => true,
          () => false,
        ),
      'new connections',
    );
    await expect(books.ledger.sign('next', authorization(1000n, 99))).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringMatching(/does not know any more/) as unknown,
    });
    await until(async () => (await stopsOf(books)).length > 0, 'the stop');
    expect(await stopsOf(books)).toEqual([expect.stringMatching(/lacks 4 records/)]);
    await expect(books.ledger.place(claim('later'))).rejects.toMatchObject({ code: 'spending_stopped' });
    expect((await books.ledger.openHolds()).map(({ hold }) => `${hold.id} ${hold.state}`)).toEqual(['next held']);
    expect(lostFiles()).toHaveLength(1);
    await books.close();
  });
});
