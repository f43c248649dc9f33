import { describe, expect, it } from '@jest/globals';
import { aboveMaximum, capRefusal } from '../../../src/budget/cap-refusal.js';
import type { DayTotals } from '../../../src/ledger/hold.js';

const CAP = 1_000_000n;
const at = (time: string) => new Date(`2026-06-06T${time}Z`);

function totals(fields: Partial<DayTotals>): DayTotals {
  return {
    day: '2026-06-06',
    spentMicroUsd: 0n,
    heldMicroUsd: 0n,
    signedMicroUsd: 0n,
    unresolvedMicroUsd: 0n,
    raisedMicroUsd: 0n,
    calls: 0,
    ...fields,
  };
}

function refusal(fields: Partial<DayTotals>, { time = '15:00:00.000', cap = CAP, needed = 1n } = {}) {
  return capRefusal({ totals: totals(fields), capMicroUsd: cap, neededMicroUsd: needed, now: at(time) });
}

describe('the refusal at the daily limit', () => {
  it('says what was used, of how much, and when it begins anew', () => {
    const error = refusal({ spentMicroUsd: CAP });
    expect(error.code).toBe('daily_limit_reached');
    expect(error.message).toBe('Daily limit reached: $1.00 of $1.00 used by this proxy today. Resets at 00:00 UTC (in 9 hours).');
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it('shows six places where cents would hide the truth', () => {
    expect(refusal({ spentMicroUsd: 999_999n }, { needed: 2n }).message).toContain('Daily limit reached: $0.999999 of $1.00 used');
    expect(refusal({ spentMicroUsd: 2600n }, { cap: 2600n }).message).toContain('$0.0026 of $0.0026 used');
  });

  it('counts what is held and what is unresolved as used', () => {
    expect(refusal({ spentMicroUsd: 500_000n, unresolvedMicroUsd: 500_000n }).message).toContain('$1.00 of $1.00 used');
  });

  it.each([
    ['00:00:00.000', 'in 24 hours'],
    ['00:00:00.001', 'in 24 hours'],
    ['15:00:00.000', 'in 9 hours'],
    ['15:29:59.000', 'in 9 hours'],
    ['22:29:00.000', 'in 2 hours'],
    ['22:31:00.000', 'in 1 hour'],
    ['23:00:00.000', 'in 1 hour'],
    ['23:00:00.001', 'in 1 hour'],
    ['23:01:00.000', 'in 59 minutes'],
    ['23:57:30.000', 'in 3 minutes'],
    ['23:59:00.000', 'in 1 minute'],
    ['23:59:59.999', 'in 1 minute'],
  ])('at %s says that it resets %s', (time, words) => {
    expect(refusal({ spentMicroUsd: CAP }, { time }).message).toMatch(new RegExp(`Resets at 00:00 UTC \\(${words}\\)\\.$`));
  });
});

describe('whether room may come back', () => {
  it.each<[string, Partial<DayTotals>, bigint]>([
    ['everything is spent', { spentMicroUsd: CAP }, 1n],
    ['what is not spent is unresolved', { spentMicroUsd: 400_000n, unresolvedMicroUsd: 600_000n }, 1n],
    ['calls in flight could not give enough back', { spentMicroUsd: 950_000n, heldMicroUsd: 50_000n }, 50_001n],
    ['nobody is in flight and the price is more than what is left', { spentMicroUsd: 999_000n }, 1001n],
  ])('it may not when %s', (_name, fields, needed) => {
    expect(refusal(fields, { needed }).code).toBe('daily_limit_reached');
  });

  it.each<[string, Partial<DayTotals>, bigint]>([
    ['unsigned holds take it', { spentMicroUsd: 950_000n, heldMicroUsd: 50_000n }, 50_000n],
    ['payments whose answer is still expected take it', { spentMicroUsd: 999_999n, signedMicroUsd: 1n }, 1n],
  ])('it may when %s', (_name, fields, needed) => {
    const error = refusal(fields, { needed });
    expect(error.code).toBe('budget_in_flight');
    expect(error.retryAfterSeconds).toBe(2);
    expect(error.message).toBe('All that is left of the budget is held by calls in flight ($1.00 of $1.00). Try again in 2 seconds.');
  });
});

describe('a price above the maximum of a request', () => {
  it('is told with both numbers and what to do', () => {
    const error = aboveMaximum(50_001n, 50_000n);
    expect(error.code).toBe('price_above_maximum');
    expect(error.message).toContain('$0.050001, more than the $0.05 that one request may cost');
    expect(error.message).toContain('BLOCKRUN_MAX_USD_PER_REQUEST');
    expect(error.message).toContain('Nothing was paid.');
  });
});
