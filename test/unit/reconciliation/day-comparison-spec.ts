import { describe, expect, it } from '@jest/globals';
import type { HoldState } from '../../../src/ledger/hold.js';
import type { SignedPayment } from '../../../src/ledger/ledger-reader.js';
import type { ChainTransfer } from '../../../src/reconciliation/chain.js';
import { compareDay, settlementWindow } from '../../../src/reconciliation/day-comparison.js';
import { authorization, OTHER_PAYEE, PAYEE } from '../../support/offers.js';

const DAY = '2026-06-06';
const NOON = `${DAY}T12:00:00.000Z`;
/** The second in which the payments of these tests run out for good: two minutes after they do. */
const LAST_SECOND = new Date((1_800_000_000 + 120) * 1000 + 999);
const RUN_OUT = new Date((1_800_000_000 + 121) * 1000);
const AFTER_MIDNIGHT = '2026-06-07T00:04:00.000Z';

/** A payment whose nonce is made from the number. */
function payment(number: number, state: HoldState = 'settled', amountMicroUsd = 1000n): SignedPayment {
  return {
    holdId: `hold ${number}`,
    state,
    machine: 'alpha',
    authorization: authorization(amountMicroUsd, number),
    transaction: undefined,
  };
}

/** What was taken by the authorization with that number. */
function transfer(number: number, at = NOON, amountMicroUsd = 1000n): ChainTransfer {
  const { nonce } = authorization(amountMicroUsd, number);
  return { transaction: `transaction ${number}`, payee: PAYEE, amountMicroUsd, nonce, at: new Date(at) };
}

function compare(payments: SignedPayment[], transfers: ChainTransfer[], neighbours: SignedPayment[] = []) {
  return compareDay({ day: DAY, payments, transfers, neighbours, unasked: 0, now: RUN_OUT });
}

const AGREED = { day: DAY, notTaken: [], overruns: [], otherAmounts: [], foreign: [], unasked: 0 };

describe('a day on which nothing happened', () => {
  it('agrees, with zeros', () => {
    expect(compare([], [])).toEqual({ ...AGREED, bookedMicroUsd: 0n, takenMicroUsd: 0n, matches: [] });
  });
});

describe('payments that were booked and taken', () => {
  it('match by their nonces, and booked is taken to the micro-USD', () => {
    const payments = [payment(1, 'settled', 2600n), payment(2, 'settled', 1n), payment(3, 'settled', 49_999n)];
    const transfers = [transfer(3, NOON, 49_999n), transfer(1, NOON, 2600n), transfer(2, NOON, 1n)];
    expect(compare(payments, transfers)).toEqual({
      ...AGREED,
      bookedMicroUsd: 52_600n,
      takenMicroUsd: 52_600n,
      matches: [
        { payment: payments[0], transfer: transfers[1] },
        { payment: payments[1], transfer: transfers[2] },
        { payment: payments[2], transfer: transfers[0] },
      ],
    });
  });

  it('match when they were taken after midnight', () => {
    const comparison = compare([payment(1)], [transfer(1, AFTER_MIDNIGHT)]);
    expect(comparison).toMatchObject({ ...AGREED, bookedMicroUsd: 1000n, takenMicroUsd: 1000n, matches: [{}] });
  });

  // Guards against a payer that writes its nonces in capitals: its payments would be missing and foreign at once.
  it('match whatever case the nonce is written in', () => {
    const signed = payment(0xabcdef);
    const loud = { ...signed, authorization: { ...signed.authorization, nonce: `0x${signed.authorization.nonce.slice(2).toUpperCase()}` } };
    expect(compare([loud], [transfer(0xabcdef)])).toMatchObject({ ...AGREED, takenMicroUsd: 1000n, matches: [{}] });
  });
});

describe('a payment that was booked and is not on the chain', () => {
  it('is told, and counts as booked only', () => {
    const [taken, missing] = [payment(1), payment(2, 'settled', 70n)];
    expect(compare([taken, missing], [transfer(1)])).toEqual({
      ...AGREED,
      bookedMicroUsd: 1070n,
      takenMicroUsd: 1000n,
      matches: [{ payment: taken, transfer: transfer(1) }],
      notTaken: [missing],
    });
  });

  // Guards against a false alarm right after a stream: sellers take its payment when it is over.
  it('is no difference while it may still be taken', () => {
    const comparison = compareDay({ day: DAY, payments: [payment(1)], transfers: [], neighbours: [], unasked: 0, now: LAST_SECOND });
    expect(comparison).toEqual({ ...AGREED, bookedMicroUsd: 1000n, takenMicroUsd: 0n, matches: [] });
  });
});

describe('a payment without a verdict', () => {
  it.each<HoldState>(['unresolved', 'signed'])('that is %s and was taken is no difference: it is not booked yet', (state) => {
    expect(compare([payment(1, state)], [transfer(1)])).toEqual({ ...AGREED, bookedMicroUsd: 0n, takenMicroUsd: 1000n, matches: [] });
  });

  it.each<HoldState>(['unresolved', 'signed', 'released'])('that is %s and was not taken is no difference', (state) => {
    expect(compare([payment(1, state)], [])).toEqual({ ...AGREED, bookedMicroUsd: 0n, takenMicroUsd: 0n, matches: [] });
  });
});

describe('a payment that was taken although its hold had been released', () => {
  it('is an overrun, taken and not booked', () => {
    const released = payment(1, 'released');
    expect(compare([released], [transfer(1)])).toEqual({
      ...AGREED,
      bookedMicroUsd: 0n,
      takenMicroUsd: 1000n,
      matches: [],
      overruns: [{ payment: released, transfer: transfer(1) }],
    });
  });

  it('is no overrun once it is booked, and is taken once', () => {
    const [released, booked] = [payment(1, 'released'), { ...payment(1), holdId: 'hold 1-overrun' }];
    expect(compare([released, booked], [transfer(1)])).toEqual({
      ...AGREED,
      bookedMicroUsd: 1000n,
      takenMicroUsd: 1000n,
      matches: [{ payment: booked, transfer: transfer(1) }],
    });
  });

  it('does not hide another that is not booked', () => {
    const payments = [payment(1, 'released'), { ...payment(1), holdId: 'hold 1-overrun' }, payment(2, 'released')];
    const { overruns } = compare(payments, [transfer(1), transfer(2)]);
    expect(overruns).toEqual([{ payment: payments[2], transfer: transfer(2) }]);
  });
});

describe('a payment that was taken with another amount than was booked', () => {
  it.each([999n, 1001n])('of %d instead of 1000 is told, and sums have each its own', (amount) => {
    const match = { payment: payment(1), transfer: transfer(1, NOON, amount) };
    expect(compare([match.payment], [match.transfer])).toEqual({
      ...AGREED,
      bookedMicroUsd: 1000n,
      takenMicroUsd: amount,
      matches: [match],
      otherAmounts: [match],
    });
  });
});

describe('what left the wallet and not through this ledger', () => {
  it('is foreign, and in no sum, when the wallet sent it by itself', () => {
    const sent = { ...transfer(9), nonce: undefined, payee: OTHER_PAYEE };
    expect(compare([payment(1)], [transfer(1), sent])).toMatchObject({
      ...AGREED,
      bookedMicroUsd: 1000n,
      takenMicroUsd: 1000n,
      foreign: [sent],
    });
  });

  it('is foreign when nobody here signed its authorization', () => {
    expect(compare([payment(1)], [transfer(1), transfer(2)]).foreign).toEqual([transfer(2)]);
  });

  it('is told one by one, in the order of the chain', () => {
    const sent = [transfer(3), { ...transfer(4), nonce: undefined }, { ...transfer(5), nonce: undefined }];
    expect(compare([], sent).foreign).toEqual(sent);
  });

  it.each([
    ['2026-06-05T23:59:59.000Z', 0],
    ['2026-06-06T00:00:00.000Z', 1],
    ['2026-06-06T23:59:59.000Z', 1],
    ['2026-06-07T00:00:00.000Z', 0],
  ])('belongs to the day on which it left: %s gives %d', (at, count) => {
    expect(compare([], [transfer(1, at)]).foreign).toHaveLength(count);
  });

  it('is not a payment of the day before that was taken after midnight, nor does that count here', () => {
    const late = transfer(1, '2026-06-06T00:03:00.000Z');
    expect(compare([], [late], [payment(1)])).toEqual({ ...AGREED, bookedMicroUsd: 0n, takenMicroUsd: 0n, matches: [] });
  });

  // Guards against a clock that is some seconds ahead of the chain's: at midnight its first payments are taken on the day before.
  it('is not a payment of the day after that was taken before midnight by the time of the chain', () => {
    const early = transfer(1, '2026-06-06T23:59:58.000Z');
    expect(compare([], [early], [payment(1)])).toMatchObject(AGREED);
  });

  it('is not a payment whose hold was released', () => {
    expect(compare([payment(1, 'released')], [transfer(1)]).foreign).toEqual([]);
  });
});

describe('the time in which payments of a day are looked for', () => {
  it('reaches an hour beyond midnight on both sides, and at the end also over the ten minutes that a signature lives', () => {
    expect(settlementWindow(DAY)).toEqual({
      from: new Date('2026-06-05T23:00:00.000Z'),
      to: new Date('2026-06-07T01:10:00.000Z'),
    });
  });
});
