import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { moveDay } from '../../src/ledger/day-move.js';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { SummaryFile } from '../../src/ledger/summary-file.js';
import { takeOverSummary } from '../../src/ledger/takeover.js';
import { differencesOf } from '../../src/ledger/usage.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { CAP, claim, DAY, report, zeros } from './ledger-facts.js';

const OTHER = { SQLite: 'PostgreSQL', PostgreSQL: 'SQLite' } as const;
const YESTERDAY = '2026-06-05';

describe.each(ENGINES)('a day that is moved from a ledger on %s to one on the other engine', (engine) => {
  let from: LedgerSite;
  let to: LedgerSite;
  let directory: TemporaryDirectory;
  let elsewhere: TemporaryDirectory;
  let here: Books;
  let there: Books;
  let signatures: number;
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
    signatures = 0;
    clock.turnTo(`${YESTERDAY}T15:00:00.000Z`);
    here = await openBooks({ directory: directory.path, clock, openStore: from.storeIn(directory.path) });
    there = await openBooks({ directory: elsewhere.path, clock, openStore: to.storeIn(elsewhere.path) });
    await pay(here, 'of-yesterday');
    await leaveOpen(here, 'open-of-yesterday');
    clock.turnTo(`${DAY}T15:00:00.000Z`);
    await pay(here, 'spent', 2000n);
    await leaveOpen(here, 'open');
    await here.ledger.place(claim('released'));
    await here.ledger.release('released', { report: report(), answered: true });
    await here.control.raise(500n, 'a long task');
  });
  afterEach(async () => {
    await here.close();
    await there.close();
    directory.remove();
    elsewhere.remove();
  });

  const sign = async ({ ledger }: Books, id: string, amount: bigint) => {
    await ledger.place(claim(id));
    await ledger.sign(id, authorization(amount, (signatures += 1)));
  };
  const pay = async (books: Books, id: string, amount = 1000n) => {
    await sign(books, id, amount);
    await books.ledger.settle(id, { report: report(), receipt: { transaction: '0x12' } });
  };
  const leaveOpen = async (books: Books, id: string) => {
    await sign(books, id, 1000n);
    await books.ledger.leaveUnresolved(id, { report: report({ event: 'upstream_error' }) });
  };
  const move = () => moveDay({ day: DAY, from: here.store, to: there.store, audit: here.audit });
  const moveBack = () => moveDay({ day: DAY, from: there.store, to: here.store, audit: there.audit });
  /** The records of a day, as far as every ledger tells them alike. */
  const recordsOf = async ({ store }: Books, day = DAY) =>
    (await store.reader.selectFrom('entry').selectAll().where('day', '=', day).orderBy('seq').execute()).map(
      ({ seq: _seq, machine: _machine, audited_by: _auditedBy, ...entry }) => entry,
    );
  const openHolds = async ({ ledger }: Books) => (await ledger.openHolds()).map(({ hold }) => `${hold.id} ${hold.state}`);
  const verify = async ({ store, auditPath }: Books) => {
    expect(await new AuditVerifier(store, auditPath).verify()).toMatchObject({ ok: true });
    expect(differencesOf(await new LedgerReader(store).usage({ from: YESTERDAY, to: DAY }))).toEqual([]);
  };
  const totals = { ...zeros, spentMicroUsd: 2000n, unresolvedMicroUsd: 1000n, raisedMicroUsd: 500n, calls: 2 };

  it('what a client has used of its own budget comes along, beside what it has used there', async () => {
    const client = { name: 'research', capMicroUsd: 10_000n };
    for (const [books, id] of [
      [here, 'of-a-client'],
      [there, 'of-a-client-there'],
    ] as const) {
      await books.ledger.place({ ...claim(id), client });
      await books.ledger.sign(id, authorization(700n, (signatures += 1)));
      await books.ledger.settle(id, { report: report() });
    }
    await move();
    expect(await there.ledger.clientTotals(DAY)).toMatchObject([{ client: 'research', spentMicroUsd: 1400n, calls: 2 }]);
    await verify(there);
  });

  it('counts there as it did, without the other days, and both ledgers agree with their audits', async () => {
    expect(await move()).toEqual({ records: 8, added: 8, totals, leftUnresolved: 1 });
    expect(await there.ledger.allTotals()).toEqual([totals]);
    expect(await recordsOf(there)).toEqual(await recordsOf(here));
    expect(await openHolds(there)).toEqual(['open unresolved']);
    for (const books of [here, there]) await verify(books);
  });

  it('stays where it was, where nothing is paid any more and the audit says why', async () => {
    const before = [await here.ledger.allTotals(), await recordsOf(here), await recordsOf(here, YESTERDAY)];
    await move();
    expect([await here.ledger.allTotals(), await recordsOf(here), await recordsOf(here, YESTERDAY)]).toEqual(before);
    await expect(here.ledger.place(claim('next'))).rejects.toMatchObject({
      code: 'spending_stopped',
      message: expect.stringMatching(/2026-06-06 was moved to/) as unknown,
    });
    expect(here.auditLines().at(-1)).toMatchObject({ event: 'ledger_day_moved', day: DAY, records: 8 });
  });

  it('goes on there: what is open is looked into, and what is spent counts against the cap', async () => {
    await move();
    await there.ledger.settle('open', { report: report() });
    const rest = CAP + 500n - 3000n;
    expect(await there.ledger.place(claim('large', rest + 1n))).toMatchObject({ kind: 'held', hold: { amountMicroUsd: rest } });
    expect(await there.ledger.place(claim('too much'))).toMatchObject({ kind: 'cap-reached' });
    await verify(there);
  });

  it('is added to what another machine has spent there on the same day, and leaves other days alone', async () => {
    clock.turnTo(`${YESTERDAY}T20:00:00.000Z`);
    await pay(there, 'theirs-of-yesterday');
    clock.turnTo(`${DAY}T16:00:00.000Z`);
    await pay(there, 'theirs', 700n);
    await sign(there, 'theirs-in-flight', 300n);
    await there.control.raise(50n, 'theirs');
    const yesterday = await there.ledger.totals(YESTERDAY);
    const both = { ...totals, spentMicroUsd: 2700n, signedMicroUsd: 300n, raisedMicroUsd: 550n, calls: 3 };
    expect(await move()).toMatchObject({ records: 8, added: 8, totals: both });
    expect(await there.ledger.allTotals()).toEqual([yesterday, both]);
    await there.ledger.settle('theirs-in-flight', { report: report() });
    for (const books of [here, there]) await verify(books);
  });

  it('counts once, however often it is moved', async () => {
    await move();
    await there.ledger.settle('open', { report: report() });
    const before = [await there.ledger.allTotals(), await recordsOf(there), await openHolds(there)];
    expect(await move()).toMatchObject({ records: 8, added: 0 });
    expect([await there.ledger.allTotals(), await recordsOf(there), await openHolds(there)]).toEqual(before);
    await verify(there);
  });

  it('comes back with what happened to it there, each record once', async () => {
    await move();
    await there.ledger.settle('open', { report: report() });
    await pay(there, 'new', 40n);
    await there.control.raise(7n, 'there');
    expect(await moveBack()).toMatchObject({ records: 12, added: 4 });
    expect(await here.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 3040n, raisedMicroUsd: 507n, calls: 4 });
    expect(await openHolds(here)).toEqual(['open-of-yesterday unresolved']);
    await expect(there.ledger.place(claim('next'))).rejects.toMatchObject({ code: 'spending_stopped' });
    await here.control.resume('back again');
    await pay(here, 'next', 1n);
    for (const books of [here, there]) await verify(books);
  });

  it('takes along what was taken over of it from a ledger.json, with its calls', async () => {
    const fresh = new TemporaryDirectory();
    const old = await openBooks({ directory: fresh.path, clock, openStore: from.storeIn(fresh.path) });
    writeFileSync(fresh.file('ledger.json'), JSON.stringify({ [DAY]: { spentUsd: 0.0026, calls: 3 } }));
    await takeOverSummary({ ...old, clock, file: new SummaryFile(fresh.file('ledger.json')) });
    const moved = await moveDay({ day: DAY, from: old.store, to: there.store, audit: old.audit });
    expect(moved.totals).toEqual({ ...zeros, spentMicroUsd: 2600n, calls: 3 });
    await moveDay({ day: DAY, from: old.store, to: there.store, audit: old.audit });
    expect(await there.ledger.totals(DAY)).toEqual(moved.totals);
    await verify(there);
    await old.close();
    fresh.remove();
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a payment is in flight', () => here.ledger.place(claim('running')), /a payment is in flight/],
    ['a payment of another day is in flight', () => placeYesterday(), /a payment is in flight/],
    ['a proxy runs on it', () => here.instance.beat(), /a proxy runs on it/],
    ['a hold is there that is not the same', () => pay(there, 'spent', 3n), /hold spent went another way there/],
  ])('is refused while %s, and nothing is changed on either', async (_name, happen, says) => {
    await happen();
    const before = [await there.ledger.allTotals(), await recordsOf(there), await here.ledger.allTotals(), here.auditLines().length];
    await expect(move()).rejects.toMatchObject({ code: 'ledger_unavailable', message: expect.stringMatching(says) as unknown });
    const after = [await there.ledger.allTotals(), await recordsOf(there), await here.ledger.allTotals(), here.auditLines().length];
    expect(after).toEqual(before);
    expect((await here.control.state()).stops).toEqual([]);
  });
  const placeYesterday = async () => {
    clock.turnTo(`${YESTERDAY}T23:00:00.000Z`);
    await here.control.acceptClock('a test');
    await here.ledger.place(claim('late'));
    clock.turnTo(`${DAY}T15:00:00.000Z`);
  };

  it('is refused where there is nothing of it, and to where it is', async () => {
    const asked = { from: here.store, to: there.store, audit: here.audit };
    await expect(moveDay({ ...asked, day: '2026-06-04' })).rejects.toMatchObject({
      message: expect.stringMatching(/nothing of 2026-06-04/) as unknown,
    });
    await expect(moveDay({ ...asked, to: here.store, day: DAY })).rejects.toMatchObject({
      message: expect.stringMatching(/it is there already/) as unknown,
    });
  });

  it('is refused where its totals and its records do not agree there', async () => {
    await pay(there, 'theirs', 700n);
    await there.store.write((tx) => tx.updateTable('day').set({ spent: 1n }).where('day', '=', DAY).execute());
    await expect(move()).rejects.toMatchObject({ message: expect.stringMatching(/run audit verify there/) as unknown });
    expect(await openHolds(there)).toEqual([]);
  });
});
