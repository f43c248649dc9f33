import { describe, expect, it } from '@jest/globals';
import { countedMicroUsd, faultOfRecord, foldHold, type Hold, type HoldState, totalOf } from '../../../src/ledger/hold.js';

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

const hold = (state: HoldState, fields: Partial<Hold> = {}): Hold => ({
  id: 'a',
  day: '2026-06-06',
  state,
  amountMicroUsd: 100n,
  model: 'm',
  ...fields,
});

describe('a hold', () => {
  it.each(moves)('that is %s may become %s: %s', (from, to, isLegal) => {
    expect(faultOfRecord(hold(from), hold(to)) === undefined).toBe(isLegal);
  });

  it.each(STATES)('begins as %s only where that is held, or settled', (state) => {
    expect(faultOfRecord(undefined, hold(state)) === undefined).toBe(['held', 'settled'].includes(state));
  });

  it.each([
    ['grows', { amountMicroUsd: 101n }],
    ['is of another day', { day: '2026-06-07' }],
    ['is of another hold', { id: 'b' }],
  ])('is not followed by a record that %s', (_name, fields) => {
    expect(faultOfRecord(hold('held'), hold('signed', fields))).toBeDefined();
  });

  it('adds up to its newest record', () => {
    const records = [hold('held'), hold('signed', { amountMicroUsd: 60n }), hold('settled', { amountMicroUsd: 60n })];
    expect(foldHold(records)).toEqual(records[2]);
    expect(foldHold([])).toBeUndefined();
  });

  it('does not add up past a second end', () => {
    expect(() => foldHold([hold('held'), hold('released'), hold('settled')])).toThrow('hold a is released and cannot become settled');
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
    const totals = {
      day: '2026-06-06',
      spentMicroUsd: 1n,
      heldMicroUsd: 10n,
      signedMicroUsd: 100n,
      unresolvedMicroUsd: 1000n,
      raisedMicroUsd: 7n,
      calls: 5,
    };
    expect(countedMicroUsd(totals)).toBe(1111n);
  });
});
