import { beforeEach, describe, expect, it } from '@jest/globals';
import type { HoldClaim, Ledger } from '../../src/ledger/ledger.js';
import type { Limits } from '../../src/ledger/limit.js';
import { authorization } from '../support/offers.js';
import { acts, CAP, claim, DAY, type OpenLedger, report, ways, zeros } from './ledger-facts.js';

const NEXT_DAY = '2026-06-07';

/** The part of the contract that is about limits besides the daily cap: those of a client, of a minute, and of calls in flight. */
export function limitsContract(open: () => OpenLedger): void {
  let books: OpenLedger;
  let ledger: Ledger;
  let signatures = 0;

  beforeEach(() => {
    books = open();
    ({ ledger } = books);
  });

  const place = (id: string, limits: Partial<HoldClaim> = {}) => ledger.place({ ...claim(id), ...limits });
  const ofClient = (name: string, limits: Limits = {}) => ({ client: { name, ...limits } });
  const holds = (placed: Awaited<ReturnType<typeof place>>[]) => placed.filter(({ kind }) => kind === 'held').length;
  /** A call that is paid as much, and settled. */
  const buy = async (id: string, amountMicroUsd: bigint, limits: Partial<HoldClaim> = {}) => {
    const placed = await place(id, limits);
    if (placed.kind !== 'held') return placed;
    await ledger.sign(id, authorization(amountMicroUsd, ++signatures));
    return ledger.settle(id, { report: report() });
  };
  const reached = async (id: string, limits: Partial<HoldClaim>) => {
    const placed = await place(id, limits);
    return placed.kind === 'held' ? placed.hold.amountMicroUsd : placed.limit;
  };
  const totalsOf = async (name: string, day = DAY) => (await ledger.clientTotals(day)).find(({ client }) => client === name);
  const { raisedMicroUsd: _raised, ...none } = zeros;

  describe("a client's daily cap", () => {
    it('is kept to the micro-USD, while others go on', async () => {
      const capped = ofClient('a', { capMicroUsd: 60_000n });
      await buy('1', 50_000n, capped);
      expect(await reached('2', capped)).toBe(10_000n);
      expect(await reached('3', capped)).toEqual({
        kind: 'daily',
        client: 'a',
        used: 60_000n,
        max: 60_000n,
        held: 10_000n,
        returnable: 10_000n,
      });
      expect(await reached('4', ofClient('b'))).toBe(50_000n);
      expect(await reached('5', {})).toBe(50_000n);
    });

    it('is kept by two clients that come with two hundred calls at once', async () => {
      const claims = Array.from({ length: 200 }, (_, number) =>
        place(`${number}`, { maxMicroUsd: 1000n, ...ofClient(number % 2 ? 'a' : 'b', { capMicroUsd: number % 2 ? 5000n : 3000n }) }),
      );
      expect(holds(await Promise.all(claims))).toBe(8);
      expect(await totalsOf('a')).toEqual({ ...none, client: 'a', heldMicroUsd: 5000n });
      expect(await totalsOf('b')).toEqual({ ...none, client: 'b', heldMicroUsd: 3000n });
      expect(await ledger.totals(DAY)).toEqual({ ...zeros, heldMicroUsd: 8000n });
    });

    it('of nothing lets nothing through', async () => {
      expect(await reached('1', ofClient('a', { capMicroUsd: 0n }))).toMatchObject({ kind: 'daily', client: 'a', max: 0n });
    });

    it('lies under that of all: what there is less of for all, the client gets less of', async () => {
      await buy('1', 980_000n, { maxMicroUsd: CAP });
      expect(await reached('2', ofClient('a', { capMicroUsd: 500_000n }))).toBe(20_000n);
      expect(await totalsOf('a')).toMatchObject({ heldMicroUsd: 20_000n });
    });

    it('loses nothing to a claim for which there is no room for all', async () => {
      await buy('1', CAP, { maxMicroUsd: CAP });
      const limited = ofClient('a', { capMicroUsd: 500_000n, requestsPerMinute: 1n });
      expect(await reached('2', limited)).toMatchObject({ kind: 'daily', client: undefined, used: CAP });
      expect(await totalsOf('a')).toEqual({ ...none, client: 'a' });
      expect(await reached('3', { ...limited, capMicroUsd: CAP + 1n })).toBe(1n);
    });

    it('begins anew with the day, and a payment stays on the day of its hold', async () => {
      const capped = ofClient('a', { capMicroUsd: 50_000n });
      await place('1', capped);
      books.clock.turnTo(`${NEXT_DAY}T00:00:01.000Z`);
      await ledger.sign('1', authorization(50_000n));
      await ledger.settle('1', { report: report() });
      expect(await totalsOf('a')).toMatchObject({ spentMicroUsd: 50_000n, calls: 1 });
      expect(await reached('2', capped)).toBe(50_000n);
    });

    it.each(Object.entries(ways))('counts what is %s as the day does', async (_state, way) => {
      await place('1', ofClient('a'));
      for (const act of way) await acts[act]!(ledger, '1');
      const { raisedMicroUsd: _none, ...totals } = await ledger.totals(DAY);
      expect(await totalsOf('a')).toEqual({ ...totals, client: 'a' });
      expect((await books.auditLines()).every((line) => line['client'] === 'a')).toBe(true);
    });

    it('is asked of by the same claim only once', async () => {
      const capped = ofClient('a', { capMicroUsd: 50_000n, requestsPerMinute: 1n });
      const first = await place('1', capped);
      expect(await place('1', capped)).toEqual(first);
      expect(await totalsOf('a')).toMatchObject({ heldMicroUsd: 50_000n });
    });
  });

  describe.each<[string, (limits: Omit<Limits, 'capMicroUsd'>) => Partial<HoldClaim>, string | undefined]>([
    ['of all', (limits) => limits, undefined],
    ['of a client', (limits) => ofClient('a', limits), 'a'],
  ])('a limit per minute, %s,', (_name, limited, client) => {
    it('lets so many requests through in it, whatever came of them, and as many in the next', async () => {
      const two = limited({ requestsPerMinute: 2n });
      await place('1', two);
      await ledger.release('1', { report: report(), answered: true });
      await buy('2', 1000n, two);
      const full = { kind: 'requests-per-minute', client, used: 2n, max: 2n, held: 0n, returnable: 0n };
      expect([await reached('3', two), await reached('4', two)]).toEqual([full, full]);
      books.clock.turnTo(`${DAY}T15:00:59.999Z`);
      expect(await reached('5', two)).toEqual(full);
      books.clock.turnTo(`${DAY}T15:01:00.000Z`);
      expect([await reached('6', two), await reached('7', two), await reached('8', two)]).toEqual([50_000n, 50_000n, full]);
    });

    it('lets exactly so many of a hundred through that come at once', async () => {
      const claims = Array.from({ length: 100 }, (_, number) =>
        place(`${number}`, { ...limited({ requestsPerMinute: 7n }), maxMicroUsd: 10n }),
      );
      expect(holds(await Promise.all(claims))).toBe(7);
    });

    it('lets no more be signed in it, and as much in the next', async () => {
      const limit = limited({ microUsdPerMinute: 60_000n });
      await buy('1', 20_000n, limit);
      await buy('2', 39_999n, limit);
      expect(await reached('3', limit)).toBe(1n);
      expect(await reached('4', limit)).toEqual({ kind: 'usd-per-minute', client, used: 60_000n, max: 60_000n, held: 1n, returnable: 1n });
      await ledger.sign('3', authorization(1n, ++signatures));
      expect(await reached('5', limit)).toMatchObject({ used: 60_000n, held: 0n, returnable: 0n });
      books.clock.turnTo(`${DAY}T15:01:00.000Z`);
      expect(await reached('6', limit)).toBe(50_000n);
    });

    it('counts what unsigned holds of the minute before may still sign', async () => {
      const limit = limited({ microUsdPerMinute: 60_000n });
      await place('1', limit);
      books.clock.turnTo(`${DAY}T15:01:00.000Z`);
      expect(await reached('2', limit)).toMatchObject({ kind: 'usd-per-minute', used: 50_000n, held: 50_000n });
      await ledger.sign('1', authorization(50_000n, ++signatures));
      expect(await reached('3', limit)).toBe(10_000n);
    });

    it('keeps counting in its minute what was signed, also when it is given back', async () => {
      const limit = limited({ microUsdPerMinute: 50_000n });
      await place('1', limit);
      await ledger.sign('1', authorization(50_000n, ++signatures));
      await ledger.releaseProven('1', { event: 'payment_reconciled', reason: 'a proof' });
      expect(await reached('2', limit)).toMatchObject({ kind: 'usd-per-minute', used: 50_000n, returnable: 0n });
    });

    it('counts nothing of a minute before it, also not on a clock that went back to it', async () => {
      const one = limited({ requestsPerMinute: 1n });
      books.clock.turnTo(`${DAY}T15:05:00.000Z`);
      await buy('1', 1000n, one);
      books.clock.turnTo(`${DAY}T15:04:00.000Z`);
      expect(await reached('2', one)).toBe(50_000n);
    });
  });

  describe('a limit of calls in flight', () => {
    const two = { concurrent: 2n };

    it('counts unsigned and signed ones, and none that is unresolved or over', async () => {
      await place('1', two);
      await place('2', two);
      const full = { kind: 'concurrent', client: undefined, used: 2n, max: 2n, held: 0n, returnable: 2n };
      expect(await reached('3', two)).toEqual(full);
      await ledger.sign('1', authorization(1000n, ++signatures));
      expect(await reached('4', two)).toEqual(full);
      await ledger.leaveUnresolved('1', { report: report() });
      expect(await reached('5', two)).toBe(50_000n);
      await ledger.release('2', { report: report(), answered: false });
      expect(await reached('6', two)).toBe(50_000n);
      expect(await reached('7', two)).toEqual(full);
    });

    it('counts those of the day before', async () => {
      await place('1', two);
      await place('2', two);
      books.clock.turnTo(`${NEXT_DAY}T00:00:01.000Z`);
      expect(await reached('3', two)).toMatchObject({ kind: 'concurrent' });
    });

    // Guards against a refusal that begins a day: if that was one of a wrong clock, nothing would be paid on the right one.
    it('leaves no trace of a day on which it let nothing through', async () => {
      await place('1', { concurrent: 1n });
      books.clock.turnTo(`${NEXT_DAY}T00:00:01.000Z`);
      await place('2', { concurrent: 1n });
      books.clock.turnTo(`${DAY}T15:00:00.000Z`);
      expect(await reached('3', two)).toBe(50_000n);
    });

    it('lets exactly so many of a hundred through that come at once', async () => {
      const claims = Array.from({ length: 100 }, (_, number) => place(`${number}`, { concurrent: 9n, maxMicroUsd: 10n }));
      expect(holds(await Promise.all(claims))).toBe(9);
    });
  });

  it('tells how far every limit is used, the ones of the client first', async () => {
    const limits = { microUsdPerMinute: 90_000n, requestsPerMinute: 9n };
    await buy('1', 1000n, ofClient('a'));
    await place('2', ofClient('b'));
    const wanted = { ...claim('3'), ...limits, concurrent: 4n, ...ofClient('a', { ...limits, capMicroUsd: 100_000n }) };
    expect((await ledger.limitUses(wanted, DAY)).map(({ kind, client, used, max }) => [kind, client, used, max])).toEqual([
      ['daily', 'a', 1000n, 100_000n],
      ['usd-per-minute', 'a', 1000n, 90_000n],
      ['requests-per-minute', 'a', 1n, 9n],
      ['daily', undefined, 51_000n, CAP],
      ['usd-per-minute', undefined, 51_000n, 90_000n],
      ['requests-per-minute', undefined, 2n, 9n],
      ['concurrent', undefined, 1n, 4n],
    ]);
  });
}
