import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { CAP, claim, DAY, RECEIPT, report, zeros } from './ledger-facts.js';

const NEXT_DAY = '2026-06-07';

describe.each(ENGINES)('a clock that went back over midnight, on %s', (engine) => {
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
    clock = new FakeClock(`${DAY}T23:59:00.000Z`);
    books = await openBooks({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    await pay('first', 600_000n);
    clock.turnTo(`${NEXT_DAY}T00:01:00.000Z`);
    await pay('second', 300_000n);
    clock.turnTo(`${DAY}T23:58:00.000Z`);
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
  });

  let signatures = 0;
  const sign = async (id: string, amountMicroUsd: bigint) => {
    await books.ledger.place(claim(id, amountMicroUsd));
    await books.ledger.sign(id, authorization(amountMicroUsd, ++signatures));
  };
  const settle = (id: string) => books.ledger.settle(id, { report: report(), receipt: RECEIPT });
  const pay = async (id: string, amountMicroUsd: bigint) => {
    await sign(id, amountMicroUsd);
    await settle(id);
  };
  const booked = [
    { ...zeros, spentMicroUsd: 600_000n, calls: 1 },
    { ...zeros, day: NEXT_DAY, spentMicroUsd: 300_000n, calls: 1 },
  ];

  it('refuses every hold and changes nothing', async () => {
    const before = books.auditLines();
    await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({
      code: 'clock_unreliable',
      message: expect.stringMatching(/clock says 2026-06-06, but the ledger has records of 2026-06-07/),
    });
    await expect(books.ledger.verifyOpen()).rejects.toMatchObject({ code: 'clock_unreliable' });
    expect([await books.ledger.allTotals(), books.auditLines()]).toEqual([booked, before]);
  });

  it('refuses a hold also on a day that the ledger has no record of', async () => {
    clock.turnTo('2026-06-01T12:00:00.000Z');
    await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({ code: 'clock_unreliable' });
    expect(await books.ledger.allTotals()).toEqual(booked);
  });

  it('is no trouble any more once it is right again', async () => {
    await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({ code: 'clock_unreliable' });
    clock.turnTo(`${NEXT_DAY}T00:02:00.000Z`);
    expect(await books.ledger.place(claim('a', CAP))).toMatchObject({ hold: { day: NEXT_DAY, amountMicroUsd: 700_000n } });
  });

  it('lets payments that were signed before end on their own day', async () => {
    clock.turnTo(`${NEXT_DAY}T00:02:00.000Z`);
    await sign('signed', 1000n);
    clock.turnTo(`${DAY}T23:58:00.000Z`);
    expect((await settle('signed')).totals).toEqual({ ...booked[1], spentMicroUsd: 301_000n, calls: 2 });
  });

  it('that only went back within the day is trusted', async () => {
    clock.turnTo(`${NEXT_DAY}T10:00:00.000Z`);
    await pay('later', 1000n);
    clock.turnTo(`${NEXT_DAY}T09:00:00.000Z`);
    expect(await books.ledger.place(claim('a'))).toMatchObject({ kind: 'held', hold: { day: NEXT_DAY } });
  });

  describe('and is right, says the operator', () => {
    it('pays on from what was spent on the day, and keeps what was booked on the wrong one', async () => {
      expect(await books.control.acceptClock('the battery was dead')).toEqual([NEXT_DAY]);
      await books.ledger.verifyOpen();
      expect(await books.ledger.place(claim('a', CAP))).toMatchObject({ hold: { day: DAY, amountMicroUsd: CAP - 600_000n } });
      expect((await books.ledger.allTotals())[1]).toEqual(booked[1]);
    });

    it('leaves a line, and no second one', async () => {
      await books.control.acceptClock('the battery was dead');
      expect(await books.control.acceptClock('once more')).toEqual([]);
      expect(books.auditLines().filter(({ event }) => event === 'clock_accepted')).toMatchObject([
        { day: DAY, wrongDays: NEXT_DAY, reason: 'the battery was dead' },
      ]);
    });

    it('counts what was booked on the wrong day once that day comes', async () => {
      await books.control.acceptClock('the battery was dead');
      clock.turnTo(`${NEXT_DAY}T12:00:00.000Z`);
      expect(await books.ledger.place(claim('a', CAP))).toMatchObject({ hold: { day: NEXT_DAY, amountMicroUsd: 700_000n } });
    });

    it('settles on the wrong day what was signed on it', async () => {
      clock.turnTo(`${NEXT_DAY}T00:02:00.000Z`);
      await sign('signed', 1000n);
      clock.turnTo(`${DAY}T23:58:00.000Z`);
      await books.control.acceptClock('the battery was dead');
      expect((await settle('signed')).totals).toEqual({ ...booked[1], spentMicroUsd: 301_000n, calls: 2 });
    });

    it('names every wrong day, and leaves the day of the clock itself alone', async () => {
      clock.turnTo('2099-01-01T00:00:00.000Z');
      await pay('far', 1n);
      clock.turnTo(`${DAY}T23:58:00.000Z`);
      expect(await books.control.acceptClock('the battery was dead')).toEqual([NEXT_DAY, '2099-01-01']);
      expect(await books.ledger.place(claim('a'))).toMatchObject({ kind: 'held', hold: { day: DAY } });
    });

    it('is refused again when the clock then goes back over another midnight', async () => {
      await books.control.acceptClock('the battery was dead');
      clock.turnTo('2026-06-05T12:00:00.000Z');
      await expect(books.ledger.place(claim('a'))).rejects.toMatchObject({ code: 'clock_unreliable' });
    });
  });
});
