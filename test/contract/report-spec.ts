import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { differencesOf, GROUPINGS, type Usage } from '../../src/ledger/usage.js';
import { usageQuery } from '../../src/ledger/usage-query.js';
import { OTHER_PAYEE, PAYEE } from '../support/offers.js';
import { ENDS, SpendingHistory } from '../support/spending-history.js';

const MINI = 'openai/gpt-5.4-mini';
const GROK = 'xai/grok-4.3';
const WEEK = { from: '2026-06-01', to: '2026-06-07' };
const nothing: Usage = {
  holds: 0,
  calls: 0,
  paidCalls: 0,
  spentMicroUsd: 0n,
  unresolved: 0,
  unresolvedMicroUsd: 0n,
  inFlight: 0,
  inFlightMicroUsd: 0n,
};

describe('a report', () => {
  let history: SpendingHistory;

  beforeEach(async () => {
    history = await SpendingHistory.begin();
  });
  afterEach(() => history.end());

  /** One purchase of every end, on four days, from two models and two payees; the first two days are taken over. */
  async function everything(): Promise<void> {
    await history.takeOver({ '2026-06-02': { spentUsd: 0.1, calls: 3 }, '2026-06-03': { spentUsd: 0.0026, calls: 40 } });
    await history.on('2026-06-03T12:00:00.000Z', { id: 'since', end: 'settled', price: 700n }, { id: 'free', end: 'free', model: GROK });
    await history.on(
      '2026-06-05T00:00:00.000Z',
      { id: 'paid', end: 'settled', price: 2000n, model: GROK, payee: OTHER_PAYEE },
      { id: 'late', end: 'settled late', price: 3000n },
      { id: 'released', end: 'released' },
      { id: 'proven', end: 'proven', price: 90n },
      { id: 'expired', end: 'expired' },
    );
    await history.on(
      '2026-06-06T23:59:59.999Z',
      { id: 'lost', end: 'unresolved', price: 400n, model: GROK },
      { id: 'over', end: 'overrun', price: 5000n },
      { id: 'signed', end: 'signed', price: 600n },
      { id: 'held', end: 'held' },
    );
  }

  it('by day tells each day, those without a record as nothing', async () => {
    await everything();
    const { rows } = await history.report('day', WEEK);
    expect(rows.map(({ label, usage }) => [label, usage])).toEqual([
      ['2026-06-01', nothing],
      ['2026-06-02', { ...nothing, holds: 1, calls: 3, spentMicroUsd: 100_000n }],
      ['2026-06-03', { ...nothing, holds: 3, calls: 42, paidCalls: 1, spentMicroUsd: 3300n }],
      ['2026-06-04', nothing],
      ['2026-06-05', { ...nothing, holds: 5, calls: 2, paidCalls: 2, spentMicroUsd: 5000n }],
      [
        '2026-06-06',
        {
          ...nothing,
          holds: 5,
          spentMicroUsd: 5000n,
          ...{ unresolved: 1, unresolvedMicroUsd: 400n, inFlight: 2, inFlightMicroUsd: 50_600n },
        },
      ],
      ['2026-06-07', nothing],
    ]);
  });

  it('by model tells what was taken over apart, dearest first', async () => {
    await everything();
    expect(await history.rows('model', WEEK)).toEqual([
      ['(taken over)', { ...nothing, holds: 2, calls: 43, spentMicroUsd: 102_600n }],
      [MINI, { ...nothing, holds: 9, calls: 2, paidCalls: 2, spentMicroUsd: 8700n, inFlight: 2, inFlightMicroUsd: 50_600n }],
      [GROK, { ...nothing, holds: 3, calls: 2, paidCalls: 1, spentMicroUsd: 2000n, unresolved: 1, unresolvedMicroUsd: 400n }],
    ]);
  });

  it('by payee tells who was paid, and what nobody was paid for', async () => {
    await everything();
    expect(await history.rows('payee', WEEK)).toEqual([
      ['(none)', { ...nothing, holds: 6, calls: 44, spentMicroUsd: 102_600n, inFlight: 1, inFlightMicroUsd: 50_000n }],
      [
        PAYEE,
        {
          ...{ holds: 7, calls: 2, paidCalls: 2, spentMicroUsd: 8700n },
          ...{ unresolved: 1, unresolvedMicroUsd: 400n, inFlight: 1, inFlightMicroUsd: 600n },
        },
      ],
      [OTHER_PAYEE, { ...nothing, holds: 1, calls: 1, paidCalls: 1, spentMicroUsd: 2000n }],
    ]);
  });

  it('by client tells whose the calls were, and what nobody is known of', async () => {
    await history.on(
      '2026-06-05T10:00:00.000Z',
      { id: 'a1', end: 'settled', client: 'research', price: 3000n },
      { id: 'a2', end: 'held', client: 'research' },
      { id: 'b1', end: 'free', client: 'writer' },
      { id: 'c1', end: 'settled', price: 700n },
    );
    expect(await history.rows('client', WEEK)).toEqual([
      ['research', { ...nothing, holds: 2, calls: 1, paidCalls: 1, spentMicroUsd: 3000n, inFlight: 1, inFlightMicroUsd: 50_000n }],
      ['(unknown)', { ...nothing, holds: 1, calls: 1, paidCalls: 1, spentMicroUsd: 700n }],
      ['writer', { ...nothing, holds: 1, calls: 1 }],
    ]);
  });

  it('by status tells what became of every hold', async () => {
    await everything();
    const { rows, total } = await history.report('status', WEEK);
    expect(rows.map(({ label, usage: { holds, calls, paidCalls } }) => [label, holds, calls, paidCalls])).toEqual([
      ['settled', 6, 46, 3],
      ['unresolved', 1, 0, 0],
      ['signed', 1, 0, 0],
      ['held', 1, 0, 0],
      ['released', 4, 1, 0],
      ['expired', 1, 0, 0],
    ]);
    expect(total).toMatchObject({ holds: 14, spentMicroUsd: 113_300n });
  });

  it.each(GROUPINGS)('by %s adds up to the totals of the days, over any range', async (by) => {
    await everything();
    for (const from of ['2026-06-02', '2026-06-03', '2026-06-04']) {
      for (const to of ['2026-06-04', '2026-06-05', '2026-06-06']) {
        const { rows, total } = await history.report(by, { from, to });
        expect(total).toMatchObject(await history.daySums({ from, to }));
        expect(rows.reduce((sum, { usage }) => sum + usage.spentMicroUsd, 0n)).toBe(total.spentMicroUsd);
        expect(rows.reduce((sum, { usage }) => sum + usage.calls, 0)).toBe(total.calls);
        expect(differencesOf(await history.records({ from, to }))).toEqual([]);
      }
    }
  });

  it('adds up to the totals of the days, whatever was bought', async () => {
    const purchases = fc.array(
      fc.record({
        day: fc.constantFrom('2026-06-02', '2026-06-03', '2026-06-04'),
        end: fc.constantFrom(...ENDS),
        model: fc.constantFrom(MINI, GROK),
        payee: fc.constantFrom(PAYEE, OTHER_PAYEE),
        price: fc.bigInt({ min: 1n, max: 50_000n }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const takenOver = fc.option(fc.record({ spentUsd: fc.constantFrom(0, 0.5, 0.000001), calls: fc.nat({ max: 9 }) }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(purchases, takenOver, async (bought, before) => {
        const other = await SpendingHistory.begin();
        try {
          if (before) await other.takeOver({ '2026-06-02': before });
          const inOrder = bought.toSorted((one, next) => one.day.localeCompare(next.day));
          for (const [number, { day, ...purchase }] of inOrder.entries())
            await other.on(`${day}T10:00:00.000Z`, { id: `hold-${number}`, ...purchase });
          for (const range of [WEEK, { from: '2026-06-03', to: '2026-06-03' }]) {
            const sums = await other.daySums(range);
            for (const by of GROUPINGS) expect((await other.report(by, range)).total).toMatchObject(sums);
          }
          expect(differencesOf(await other.records(WEEK))).toEqual([]);
        } finally {
          await other.end();
        }
      }),
      { numRuns: 25 },
    );
  });

  it('books a payment on the UTC day of its hold, whenever that ends', async () => {
    await history.on('2026-06-05T23:59:59.999Z', { id: 'before', end: 'signed', price: 10n });
    await history.on('2026-06-06T00:00:00.000Z', { id: 'after', end: 'settled', price: 500n });
    await history.books.ledger.settle('before', {
      report: { event: 'chat_completion', dryRun: false, streamed: true, durationMs: 1 },
    });
    expect(await history.rows('day', WEEK)).toEqual([
      ['2026-06-05', { ...nothing, holds: 1, calls: 1, paidCalls: 1, spentMicroUsd: 10n }],
      ['2026-06-06', { ...nothing, holds: 1, calls: 1, paidCalls: 1, spentMicroUsd: 500n }],
    ]);
    expect((await history.report('model', { from: '2026-06-06', to: '2026-06-06' })).total.spentMicroUsd).toBe(500n);
  });

  it('of an empty ledger is nothing', async () => {
    const { rows, total } = await history.report('day', WEEK);
    expect([rows.length, total]).toEqual([7, nothing]);
    expect((await history.report('model', WEEK)).rows).toEqual([]);
    expect(differencesOf(await history.records(WEEK))).toEqual([]);
  });

  it('does not pass over a total that somebody has changed', async () => {
    await everything();
    const change = (set: string) =>
      history.books.store.write((tx) => sql.raw(`update day set ${set} where day = '2026-06-05'`).execute(tx));
    await change('spent = spent + 1');
    expect(differencesOf(await history.records(WEEK))).toEqual([
      '2026-06-05: records of 5000 micro-USD in 2 calls, and a total of 5001 micro-USD in 2 calls',
    ]);
    await change('spent = spent - 1, calls = calls + 1');
    expect(differencesOf(await history.records(WEEK))).toEqual([expect.stringContaining('in 3 calls')]);
    await history.books.store.write((tx) => sql`delete from day where day = '2026-06-05'`.execute(tx));
    expect(differencesOf(await history.records(WEEK))).toEqual([expect.stringContaining('a total of 0 micro-USD')]);
  });

  // Guards against a report over a year that takes seconds: the index is only used where the query repeats its condition in literals.
  it('reads ended holds out of an index alone and in its order, and begins with the open ones', async () => {
    const { rows } = await sql<{ detail: string }>`explain query plan ${usageQuery(WEEK)}`.execute(history.books.store.reader);
    const plan = rows.map(({ detail }) => detail);
    expect(plan).toContain('SEARCH entry USING COVERING INDEX entry_report (day>? AND day<?)');
    expect(plan).toContain('SCAN open_hold');
    expect(plan).not.toContain('SCAN entry');
    expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toHaveLength(1);
  });
});
