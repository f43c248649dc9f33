import { describe, expect, it } from '@jest/globals';
import { canMove, countedMicroUsd, type HoldState, totalOf } from '../../../src/ledger/hold.js';

const STATES: HoldState[] = ['held', 'signed', 'unresolved', 'settled', 'released', 'expired'];

/** Every legal move there is. */
const LEGAL = new Set([
  'held -> signed',
  'held -> released',
  'held -> expired',
  'signed -> settled',
  'signed -> unresolved',
  'signed -> released',
  'unresolved -> settled',
  'unresolved -> released',
]);

const moves = STATES.flatMap((from) => STATES.map((to): [HoldState, HoldState, boolean] => [from, to, LEGAL.has(`${from} -> ${to}`)]));

describe('a hold', () => {
  it.each(moves)('that is %s may become %s: %s', (from, to, isLegal) => {
    expect(canMove(from, to)).toBe(isLegal);
  });

  it.each([
    ['held', 'held'],
    ['signed', 'signed'],
    ['unresolved', 'unresolved'],
    ['settled', 'spent'],
    ['released', undefined],
    ['expired', undefined],
  ] as const)('that is %s counts as %s', (state, total) => {
    expect(totalOf(state)).toBe(total);
  });

  it('counts in every state from which money may still go or has gone', () => {
    const totals = { day: '2026-06-06', spentMicroUsd: 1n, heldMicroUsd: 10n, signedMicroUsd: 100n, unresolvedMicroUsd: 1000n, calls: 5 };
    expect(countedMicroUsd(totals)).toBe(1111n);
  });
});
