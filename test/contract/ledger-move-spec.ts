import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { moveLedger } from '../../src/ledger/ledger-move.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, report } from './ledger-facts.js';

const OTHER = { SQLite: 'PostgreSQL', PostgreSQL: 'SQLite' } as const;

describe.each(ENGINES)('a ledger on %s that is moved to the other engine', (engine) => {
  let from: LedgerSite;
  let to: LedgerSite;
  let directory: TemporaryDirectory;
  let elsewhere: TemporaryDirectory;
  let books: Books;
  const clock = new FakeClock(`${DAY}T15:00:00.000Z`);

  beforeAll(async () => {
    from = await LedgerSite.open(engine);
    to = await LedgerSite.open(OTHER[engine]);
  });
  afterAll(async () => {
    await from.close();
    await to.close();
  });
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    elsewhere = new TemporaryDirectory();
    books = await open();
    let signatures = 0;
    for (const id of ['spent', 'unresolved', 'released']) {
      await books.ledger.place({ ...claim(id), client: { name: 'a' } });
      if (id !== 'released') await books.ledger.sign(id, authorization(1000n, (signatures += 1)));
    }
    await books.ledger.settle('spent', { report: report(), receipt: { transaction: '0x12' } });
    await books.ledger.leaveUnresolved('unresolved', { report: report({ event: 'upstream_error' }), sellerSays: 'not-charged' });
    await books.ledger.release('released', { report: report(), answered: true });
    await books.control.raise(500n, 'a test');
    await books.control.stop('a look');
    await books.control.resume('looked');
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
    elsewhere.remove();
  });

  const open = () => openBooks({ directory: directory.path, clock, openStore: from.storeIn(directory.path) });
  /** On the ledger that was moved to, with the audit of before. */
  const openMoved = () => openBooks({ directory: directory.path, clock, openStore: to.storeIn(elsewhere.path) });
  const target = () => to.storeIn(elsewhere.path)(clock);
  const move = async () => {
    const store = await target();
    try {
      return await moveLedger(books.store, store);
    } finally {
      await store.onApplicationShutdown();
    }
  };
  const facts = async ({ store, ledger }: Books) => [
    await ledger.allTotals(),
    await store.reader.selectFrom('client_day').selectAll().execute(),
    (await ledger.openHolds()).map(({ hold, authorization: signed, sellerSays }) => ({ hold, signed, sellerSays })),
    (await store.reader.selectFrom('entry').selectAll().orderBy('seq').execute()).map(
      ({ seq: _seq, machine: _machine, audited_by: _auditedBy, ...entry }) => entry,
    ),
    await store.reader.selectFrom('allowance').select(['day', 'amount', 'reason']).execute(),
  ];

  it('is there as it was, and goes on in the same audit', async () => {
    const before = await facts(books);
    expect(await move()).toBeGreaterThan(10);
    await books.close();
    books = await openMoved();
    expect(await facts(books)).toEqual(before);
    await books.ledger.settle('unresolved', { report: report() });
    await books.ledger.place(claim('next'));
    expect(await new AuditVerifier(books.store, books.auditPath).verify()).toMatchObject({ ok: true });
  });

  it('stops spending where it was, and says where it went', async () => {
    await move();
    await expect(books.ledger.place(claim('next'))).rejects.toMatchObject({
      code: 'spending_stopped',
      message: expect.stringMatching(/moved to/) as unknown,
    });
  });

  it.each<[string, (parts: Books) => Promise<unknown>, RegExp]>([
    ['a payment is in flight', ({ ledger }) => ledger.place(claim('running')), /a payment is in flight/],
    ['a proxy runs on it', ({ instance }) => instance.beat(), /a proxy runs on it/],
  ])('is not moved while %s', async (_name, happen, says) => {
    await happen(books);
    const before = await facts(books);
    await expect(move()).rejects.toMatchObject({ code: 'ledger_unavailable', message: expect.stringMatching(says) as unknown });
    expect(await facts(books)).toEqual(before);
    const store = await target();
    expect(await store.reader.selectFrom('entry').selectAll().execute()).toEqual([]);
    await store.onApplicationShutdown();
  });

  it('is not moved onto another one', async () => {
    await move();
    await expect(move()).rejects.toMatchObject({ message: expect.stringMatching(/not empty/) as unknown });
  });

  it('leaves nothing there where a record does not arrive as it is', async () => {
    const store = await target();
    await store.write((tx) => tx.schema.alterTable('stop').dropColumn('ended_reason').execute());
    await expect(moveLedger(books.store, store)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(await store.reader.selectFrom('entry').selectAll().execute()).toEqual([]);
    await store.onApplicationShutdown();
    await books.ledger.place(claim('next'));
  });
});
