import { describe, expect, it } from '@jest/globals';
import type { FinishedCall } from '../../../src/calls/finished-call.js';
import { RecentCalls } from '../../../src/dashboard/recent-calls.js';
import type { HoldMove } from '../../../src/ledger/ledger-activity.js';

const at = (second: number) => new Date(Date.UTC(2026, 5, 6, 12, 0, second));
const move = (fields: Partial<HoldMove> = {}): HoldMove => ({
  holdId: 'req_1',
  state: 'settled',
  model: 'a/model',
  client: null,
  amountMicroUsd: 2_600n,
  at: at(1),
  transaction: '0xab',
  reason: null,
  ...fields,
});
const call = (fields: Partial<FinishedCall> = {}): FinishedCall => ({
  id: 'req_1',
  endedAt: at(2),
  model: 'a/model',
  client: undefined,
  streamed: true,
  state: 'settled',
  code: undefined,
  priceMicroUsd: 2_600n,
  transaction: '0xab',
  totalMs: 120.4,
  times: { firstTokenMs: 40.6 },
  ...fields,
});

function shownOf(...moves: HoldMove[]) {
  const recent = new RecentCalls();
  recent.addMoves(moves);
  return recent.all();
}

describe('the last calls of a dashboard', () => {
  it('are those of the ledger, with a price where money counts', () => {
    const states = (['held', 'signed', 'settled', 'unresolved', 'released'] as const).map((state, index) =>
      move({ holdId: `req_${index}`, state, reason: 'why' }),
    );
    const prices = Object.fromEntries(shownOf(...states).map(({ state, priceUsd }) => [state, priceUsd]));
    expect(prices).toEqual({ held: null, signed: '0.002600', settled: '0.002600', unresolved: '0.002600', released: null });
  });

  it('are free where they were released without a reason', () => {
    expect(shownOf(move({ state: 'released', reason: null, transaction: null }))).toMatchObject([{ state: 'free', priceUsd: null }]);
  });

  it('have the newest move of each, given newest first', () => {
    expect(shownOf(move(), move({ state: 'signed', at: at(0), transaction: null }))).toMatchObject([
      { id: 'req_1', state: 'settled', transaction: '0xab', totalMs: null, firstTokenMs: null },
    ]);
  });

  it('have times, whichever of record and report comes first', () => {
    const orders = [
      (recent: RecentCalls) => (recent.addMoves([move()]), recent.addCall(call())),
      (recent: RecentCalls) => (recent.addCall(call()), recent.addMoves([move()])),
    ];
    for (const order of orders) {
      const recent = new RecentCalls();
      order(recent);
      expect(recent.all()).toMatchObject([{ state: 'settled', priceUsd: '0.002600', totalMs: 120, firstTokenMs: 41 }]);
    }
  });

  it('cut a long reason', () => {
    expect(shownOf(move({ state: 'released', reason: 'x'.repeat(5_000) }))[0]?.reason).toHaveLength(300);
  });

  it('are the 50 that changed last, newest first', () => {
    const recent = new RecentCalls();
    for (let second = 0; second < 60; second += 1) recent.addCall(call({ id: `req_${second}`, endedAt: at(second) }));
    const shown = recent.all();
    expect([shown.length, shown[0]?.id, shown[49]?.id]).toEqual([50, 'req_59', 'req_10']);
    expect(recent.takeChanged()).toHaveLength(50);
  });

  it('are told once each time they change', () => {
    const recent = new RecentCalls();
    recent.addCall(call());
    expect(recent.takeChanged()).toHaveLength(1);
    expect(recent.takeChanged()).toEqual([]);
    recent.addMoves([move({ at: at(3) })]);
    expect(recent.takeChanged()).toMatchObject([{ id: 'req_1', totalMs: 120 }]);
    expect(recent.all()).toHaveLength(1);
  });

  it('count refusals by their code, most often first, and no failure of a paid call', () => {
    const recent = new RecentCalls();
    const refused = { state: 'refused', priceMicroUsd: 0n } as const;
    recent.addCall(call({ ...refused, id: 'req_1', code: 'minute_limit_reached', endedAt: at(1) }));
    recent.addCall(call({ ...refused, id: 'req_2', code: 'daily_limit_reached', endedAt: at(2) }));
    recent.addCall(call({ ...refused, id: 'req_3', state: 'released', code: 'daily_limit_reached', endedAt: at(3) }));
    recent.addCall(call({ id: 'req_4', state: 'unresolved', code: 'payment_unresolved', endedAt: at(4) }));
    expect(recent.refused()).toEqual([
      { code: 'daily_limit_reached', count: 2, lastAt: at(3).toISOString() },
      { code: 'minute_limit_reached', count: 1, lastAt: at(1).toISOString() },
    ]);
  });
});
