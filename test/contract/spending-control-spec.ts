import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { CAP, claim, DAY, RECEIPT, report, zeros } from './ledger-facts.js';

const NEXT_DAY = '2026-06-07';

describe.each(ENGINES)('what an operator does about spending, on %s', (engine) => {
  let site: LedgerSite;
  beforeAll(async () => {
    site = await LedgerSite.open(engine);
  });
  afterAll(() => site.close());

  let directory: TemporaryDirectory;
  let clock: FakeClock;
  let books: Books;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    clock = new FakeClock(`${DAY}T15:00:00.000Z`);
    books = await openBooks({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
  });

  let signatures = 0;
  /** Pays as much, and books it as spent, or leaves it unresolved. */
  const pay = async (id: string, amountMicroUsd: bigint, outcome: 'settled' | 'unresolved' | 'signed' = 'settled') => {
    expect(await books.ledger.place(claim(id, amountMicroUsd))).toMatchObject({ kind: 'held', hold: { amountMicroUsd } });
    await books.ledger.sign(id, authorization(amountMicroUsd, ++signatures));
    if (outcome === 'settled') await books.ledger.settle(id, { report: report(), receipt: RECEIPT });
    if (outcome === 'unresolved') await books.ledger.leaveUnresolved(id, { report: report({ event: 'upstream_error' }) });
  };
  const totals = () => books.ledger.totals(DAY);
  const lines = (event: string) => books.auditLines().filter((line) => line.event === event);
  /** How much a hold gets that asks for more than there is. */
  const room = async (id: string) => {
    const placed = await books.ledger.place(claim(id, 10n * CAP));
    if (placed.kind !== 'held') return 0n;
    await books.ledger.release(id, { report: report(), answered: false });
    return placed.hold.amountMicroUsd;
  };

  describe('a raise', () => {
    it("is added to today's allowance, to the micro-USD", async () => {
      await pay('a', CAP);
      expect(await room('b')).toBe(0n);
      await books.control.raise(250_001n, 'a long night');
      expect(await totals()).toEqual({ ...zeros, spentMicroUsd: CAP, raisedMicroUsd: 250_001n, calls: 1 });
      expect(await room('c')).toBe(250_001n);
    });

    it('adds to the one before', async () => {
      await books.control.raise(1n, 'first');
      await books.control.raise(2n, 'second');
      expect((await totals()).raisedMicroUsd).toBe(3n);
      expect(await room('a')).toBe(CAP + 3n);
    });

    it('is over with its day', async () => {
      await books.control.raise(500_000n, 'for today');
      clock.turnTo(`${NEXT_DAY}T00:00:00.000Z`);
      expect(await room('a')).toBe(CAP);
      expect((await totals()).raisedMicroUsd).toBe(500_000n);
    });

    it('leaves its line, with its reason and what it comes to', async () => {
      await books.control.raise(1n, 'first');
      await books.control.raise(500_000n, 'second');
      expect(books.auditLines()).toMatchObject([
        { event: 'budget_raised', day: DAY, amount: '0.000001', raisedToday: '0.000001', reason: 'first' },
        { event: 'budget_raised', day: DAY, amount: '0.500000', raisedToday: '0.500001', reason: 'second' },
      ]);
    });

    it.each([0n, -1n])('of %d is refused and changes nothing', async (amount) => {
      await expect(books.control.raise(amount, 'a mistake')).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect([await books.ledger.allTotals(), books.auditLines()]).toEqual([[], []]);
    });
  });

  describe('a reset', () => {
    it('begins the allowance anew: what was spent stays on record', async () => {
      await pay('a', CAP);
      expect(await books.control.reset('looked at it')).toBe(CAP);
      expect(await totals()).toEqual({ ...zeros, spentMicroUsd: CAP, raisedMicroUsd: CAP, calls: 1 });
      expect(await room('b')).toBe(CAP);
    });

    it('does not add what is unresolved: it may come back by itself', async () => {
      await pay('a', 600_000n);
      await pay('b', 300_000n, 'unresolved');
      expect(await books.control.reset('looked at it')).toBe(600_000n);
      expect(await room('c')).toBe(CAP - 300_000n);
    });

    it('leaves what calls in flight hold', async () => {
      await pay('a', 600_000n);
      await pay('b', 300_000n, 'signed');
      expect(await books.control.reset('looked at it')).toBe(600_000n);
      expect(await room('c')).toBe(CAP - 300_000n);
    });

    it('done twice adds nothing the second time', async () => {
      await pay('a', 600_000n);
      await books.control.reset('once');
      expect(await books.control.reset('twice')).toBe(0n);
      expect((await totals()).raisedMicroUsd).toBe(600_000n);
      expect(lines('budget_raised')).toHaveLength(1);
    });

    it('may be done again after more was spent, for that alone', async () => {
      await pay('a', CAP);
      await books.control.reset('once');
      await pay('b', 400_000n);
      expect(await books.control.reset('twice')).toBe(400_000n);
      expect((await totals()).raisedMicroUsd).toBe(1_400_000n);
      expect(await room('c')).toBe(CAP);
    });

    it('does not add what a raise has added before', async () => {
      await books.control.raise(250_000n, 'a long night');
      await pay('a', 600_000n);
      expect(await books.control.reset('looked at it')).toBe(350_000n);
      expect(await room('b')).toBe(CAP);
    });

    it('takes no raise away', async () => {
      await books.control.raise(500_000n, 'a long night');
      await pay('a', 100_000n);
      expect(await books.control.reset('looked at it')).toBe(0n);
      expect(await room('b')).toBe(CAP + 400_000n);
    });

    it('of a day without a record adds nothing', async () => {
      expect(await books.control.reset('just so')).toBe(0n);
      expect([await books.ledger.allTotals(), books.auditLines()]).toEqual([[], []]);
    });

    it('leaves its line', async () => {
      await pay('a', 2600n);
      await books.control.reset('looked at it');
      expect(books.auditLines().at(-1)).toMatchObject({
        event: 'budget_raised',
        day: DAY,
        amount: '0.002600',
        raisedToday: '0.002600',
        reason: 'looked at it',
      });
    });
  });

  describe('a stop', () => {
    it('refuses every hold, with its reason, and says so to whoever asks', async () => {
      await books.control.stop('on holiday');
      await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({
        code: 'spending_stopped',
        message: expect.stringContaining('on holiday'),
      });
      await expect(books.ledger.verifyOpen()).rejects.toMatchObject({ code: 'spending_stopped' });
      expect(await totals()).toEqual(zeros);
    });

    it('refuses also where there is room and the day has begun', async () => {
      await pay('a', 1000n);
      await books.control.stop('on holiday');
      await expect(books.ledger.place(claim('b'))).rejects.toMatchObject({ code: 'spending_stopped' });
      expect(await totals()).toEqual({ ...zeros, spentMicroUsd: 1000n, calls: 1 });
    });

    it('holds for every process and over restarts and days', async () => {
      await books.control.stop('on holiday');
      await books.close();
      clock.turnTo(`${NEXT_DAY}T12:00:00.000Z`);
      books = await openBooks({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
      await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({ code: 'spending_stopped' });
    });

    it('lets no signature go for a hold that was placed before it', async () => {
      await books.ledger.place(claim('a'));
      await books.control.stop('on holiday');
      await expect(books.ledger.sign('a', authorization(2600n))).rejects.toMatchObject({
        code: 'spending_stopped',
        message: expect.stringContaining('on holiday'),
      });
      expect(await totals()).toEqual({ ...zeros, heldMicroUsd: 50_000n });
      await books.ledger.release('a', { report: report({ event: 'budget_reject', code: 'spending_stopped' }), answered: false });
      expect(await totals()).toEqual(zeros);
    });

    it('lets calls that are signed end as they do', async () => {
      await books.ledger.place(claim('a'));
      await books.ledger.sign('a', authorization(2600n));
      await books.control.stop('on holiday');
      expect(await books.ledger.sign('a', authorization(2600n))).toMatchObject({ hold: { state: 'signed' } });
      expect((await books.ledger.settle('a', { report: report(), receipt: RECEIPT })).totals).toEqual({
        ...zeros,
        spentMicroUsd: 2600n,
        calls: 1,
      });
    });

    it('is over with a resume, which tells every reason that there was', async () => {
      await books.control.stop('on holiday');
      await books.control.stop('the wallet is lent');
      expect(await books.control.resume('back again')).toEqual(['on holiday', 'the wallet is lent']);
      await books.ledger.verifyOpen();
      expect(await room('a')).toBe(CAP);
    });

    it('may come again after a resume', async () => {
      await books.control.stop('on holiday');
      await books.control.resume('back again');
      await books.control.stop('away again');
      await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({ message: expect.stringContaining('away again') });
      expect(await books.control.resume('back again')).toEqual(['away again']);
    });

    it('and its end leave a line each; a resume of nothing leaves none', async () => {
      await books.control.stop('on holiday');
      await books.control.resume('back again');
      expect(await books.control.resume('once more')).toEqual([]);
      expect(books.auditLines()).toMatchObject([
        { event: 'spending_stopped', reason: 'on holiday' },
        { event: 'spending_resumed', stoppedFor: 'on holiday', reason: 'back again' },
      ]);
    });
  });
});
