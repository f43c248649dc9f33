import { describe, expect, it } from '@jest/globals';
import { aboveMaximum, limitRefusal } from '../../../src/budget/limit-refusal.js';
import type { LimitUse } from '../../../src/ledger/limit.js';

const CAP = 1_000_000n;
const at = (time: string) => new Date(`2026-06-06T${time}Z`);

/** Everything that can be given back is held by unsigned holds, where nothing else is said. */
function refusal(fields: Partial<LimitUse>, { time = '15:00:00.000', needed = 1n } = {}) {
  const returnable = fields.returnable ?? 0n;
  const limit = { kind: 'daily', client: undefined, used: CAP, max: CAP, held: returnable, returnable, ...fields } as const;
  return limitRefusal({ limit, neededMicroUsd: needed, now: at(time) });
}

describe('the refusal at the daily limit', () => {
  it('says what was used, of how much, and when it begins anew', () => {
    const error = refusal({});
    expect(error.code).toBe('daily_limit_reached');
    expect(error.message).toBe('Daily limit reached: $1.00 of $1.00 used by this proxy today. Resets at 00:00 UTC (in 9 hours).');
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it('names the client whose limit it is', () => {
    expect(refusal({ client: 'research', used: 500_000n, max: 500_000n }).message).toBe(
      'Daily limit reached: $0.50 of $0.50 used by client research today. Resets at 00:00 UTC (in 9 hours).',
    );
  });

  it('shows six places where cents would hide the truth', () => {
    expect(refusal({ used: 999_999n }, { needed: 2n }).message).toContain('Daily limit reached: $0.999999 of $1.00 used');
    expect(refusal({ used: 2600n, max: 2600n }).message).toContain('$0.0026 of $0.0026 used');
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
    expect(refusal({}, { time }).message).toMatch(new RegExp(`Resets at 00:00 UTC \\(${words}\\)\\.$`));
  });
});

describe('the refusal at a limit per minute', () => {
  const requests = { kind: 'requests-per-minute', used: 30n, max: 30n } as const;

  it('says how many requests there were, of whom, and when the minute is over', () => {
    const error = refusal({ ...requests, client: 'research' }, { time: '15:03:37.000' });
    expect([error.code, error.retryAfterSeconds]).toEqual(['minute_limit_reached', undefined]);
    expect(error.message).toBe(
      'Limit per minute reached: 30 of 30 requests used by client research in this minute, so this request exceeds your current quota. ' +
        'Resets at 15:04 UTC (in 23 seconds).',
    );
  });

  it('says how much was signed in the minute', () => {
    expect(refusal({ kind: 'usd-per-minute', used: 100_000n, max: 100_000n }).message).toContain(
      'Limit per minute reached: $0.10 of $0.10 used by this proxy in this minute',
    );
  });

  it.each([
    ['15:03:00.000', '15:04 UTC (in 60 seconds)'],
    ['15:03:59.001', '15:04 UTC (in 1 second)'],
    ['23:59:30.000', '00:00 UTC (in 30 seconds)'],
  ])('at %s resets at %s', (time, words) => {
    expect(refusal(requests, { time }).message).toContain(`Resets at ${words}.`);
  });

  it('tells a price that no minute has room for as too high, since waiting would not help', () => {
    const error = refusal({ kind: 'usd-per-minute', used: 0n, max: 1000n, client: 'research' }, { needed: 1001n });
    expect(error.code).toBe('price_above_maximum');
    expect(error.message).toContain('$0.001001, more than the $0.001 that client research may use in a minute');
  });

  // OpenClaw repeats a refusal of the rate ten times, unless its text names a quota; these words it takes for a lack of money.
  it('stays within the words that OpenClaw shows and does not repeat', () => {
    const all = [
      refusal({}),
      refusal({ ...requests, client: 'x'.repeat(63) }),
      refusal({ kind: 'usd-per-minute', client: 'x'.repeat(63) }),
      refusal({ kind: 'usd-per-minute' }, { needed: 2n * CAP }),
    ];
    for (const { message } of all) {
      expect(message).toMatch(/daily|current quota/i);
      expect(message).toMatch(/reset|quota/i);
      expect(message).not.toMatch(/spend(ing)? limit|insufficient|out of budget|payment required|(available|credit) balance/i);
      expect(message.length).toBeLessThanOrEqual(300);
    }
  });
});

describe('whether room may come back', () => {
  it.each<[string, Partial<LimitUse>, bigint]>([
    ['everything is spent', {}, 1n],
    ['calls in flight could not give enough back', { returnable: 50_000n }, 50_001n],
    ['nobody is in flight and the price is more than what is left', { used: 999_000n }, 1001n],
  ])('it may not when %s', (_name, fields, needed) => {
    expect(refusal(fields, { needed }).code).toBe('daily_limit_reached');
  });

  it.each<[string, Partial<LimitUse>, bigint]>([
    ['unsigned holds take it', { returnable: 50_000n }, 50_000n],
    ['payments whose answer is still expected take it', { held: 0n, returnable: 1n }, 1n],
  ])('it may when %s', (_name, fields, needed) => {
    const error = refusal(fields, { needed });
    expect(error.code).toBe('budget_in_flight');
    expect(error.retryAfterSeconds).toBe(2);
    expect(error.message).toBe('All that is left of the budget is held by calls in flight ($1.00 of $1.00). Try again in 2 seconds.');
  });

  it('it may in the minute, for a client', () => {
    const error = refusal({ kind: 'usd-per-minute', client: 'research', returnable: 1n });
    expect(error.code).toBe('budget_in_flight');
    expect(error.message).toContain(
      "All that is left of this minute's budget of client research is held by calls in flight ($1.00 of $1.00)",
    );
  });

  it('it may where too many calls are in flight, and a repeat is invited', () => {
    const error = refusal({ kind: 'concurrent', used: 8n, max: 8n, held: 0n, returnable: 8n });
    expect([error.code, error.retryAfterSeconds]).toEqual(['concurrency_limit_reached', 2]);
    expect(error.message).toBe('All that may be in flight at once is held by calls in flight (8 of 8 calls). Try again in 2 seconds.');
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
