import { describe, expect, it } from '@jest/globals';
import { daysOf, differencesOf, type HoldGroup, usageReport } from '../../../src/ledger/usage.js';

const RANGE = { from: '2026-06-05', to: '2026-06-07' };
const DAY = '2026-06-06';
const group = (fields: Partial<HoldGroup>): HoldGroup => ({
  day: DAY,
  state: 'settled',
  model: 'm',
  payee: '0xAb',
  machine: 'alpha',
  client: null,
  holds: 1,
  calls: 1,
  paidCalls: 1,
  amountMicroUsd: 100n,
  ...fields,
});
const takenOver = (fields: Partial<HoldGroup> = {}) => group({ model: null, payee: null, calls: 0, paidCalls: 0, ...fields });
const labels = (groups: HoldGroup[], by: 'model' | 'payee' | 'machine') =>
  usageReport(RANGE, by, { groups, days: [] }).rows.map(({ label }) => label);

describe('what holds add up to', () => {
  it('has every day from the first to the last', () => {
    expect(daysOf({ from: '2028-02-27', to: '2028-03-01' })).toEqual(['2028-02-27', '2028-02-28', '2028-02-29', '2028-03-01']);
    expect(daysOf({ from: '9999-12-31', to: '9999-12-31' })).toEqual(['9999-12-31']);
  });

  it('takes an address in another spelling for the same one', () => {
    const { rows } = usageReport(RANGE, 'payee', { groups: [group({ payee: '0xAb' }), group({ payee: '0xaB' })], days: [] });
    expect(rows).toMatchObject([{ label: '0xAb', usage: { holds: 2, spentMicroUsd: 200n } }]);
  });

  it('ranks by what was spent, then by calls, then by name', () => {
    const groups = [
      group({ model: 'b' }),
      group({ model: 'a' }),
      group({ model: 'busy', calls: 9 }),
      group({ model: 'dear', amountMicroUsd: 101n }),
      group({ model: 'open', state: 'unresolved', amountMicroUsd: 900n, calls: 0 }),
    ];
    expect(labels(groups, 'model')).toEqual(['dear', 'busy', 'a', 'b', 'open']);
    expect(labels(groups.toReversed(), 'model')).toEqual(['dear', 'busy', 'a', 'b', 'open']);
  });

  it('tells machines apart by their names as they are spelled, and knows those of before as this one', () => {
    const groups = [
      group({ machine: 'Alpha', amountMicroUsd: 3n }),
      group({ machine: 'alpha', amountMicroUsd: 2n }),
      group({ machine: null }),
    ];
    expect(labels(groups, 'machine')).toEqual(['this machine', 'Alpha', 'alpha']);
  });

  it('gives a takeover the calls of its day that nobody else made', () => {
    const records = {
      groups: [takenOver(), group({ calls: 3 }), takenOver({ day: '2026-06-05' }), group({ day: '2026-06-07' })],
      days: [
        { day: '2026-06-05', spentMicroUsd: 100n, calls: 40 },
        { day: DAY, spentMicroUsd: 200n, calls: 5 },
        { day: '2026-06-07', spentMicroUsd: 100n, calls: 1 },
      ],
    };
    const { rows, total } = usageReport(RANGE, 'model', records);
    expect(rows).toMatchObject([
      { label: '(taken over)', usage: { holds: 2, calls: 42, paidCalls: 0, spentMicroUsd: 200n } },
      { label: 'm', usage: { holds: 2, calls: 4, paidCalls: 2, spentMicroUsd: 200n } },
    ]);
    expect(total.calls).toBe(46);
    expect(differencesOf(records)).toEqual([]);
  });

  it('differs where a day has other totals, none, or no records', () => {
    const of = (spentMicroUsd: bigint, calls: number, groups = [group({})]) =>
      differencesOf({ groups, days: [{ day: DAY, spentMicroUsd, calls }] });
    expect(of(100n, 1)).toEqual([]);
    expect([of(99n, 1), of(100n, 2), of(100n, 0), of(100n, 1, [])].map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(differencesOf({ groups: [group({})], days: [] })).toEqual([expect.stringContaining(DAY)]);
    expect(of(100n, 0, [takenOver(), group({ amountMicroUsd: 0n })])).toHaveLength(1);
  });
});
