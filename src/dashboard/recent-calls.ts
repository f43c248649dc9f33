import type { CallState, FinishedCall } from '../calls/finished-call.js';
import type { HoldState } from '../ledger/hold.js';
import type { HoldMove } from '../ledger/ledger-activity.js';
import { formatUsd } from '../money/micro-usd.js';

const MAX_CALLS = 50;
const MAX_REASON_LENGTH = 300;

/** A request as the page shows it. What is null is not known, or not of this process: the ledger has no times. */
export interface ShownCall {
  id: string;
  at: string;
  state: CallState | HoldState;
  model: string | null;
  client: string | null;
  priceUsd: string | null;
  transaction: string | null;
  code: string | null;
  reason: string | null;
  totalMs: number | null;
  firstTokenMs: number | null;
}

export interface ShownRefusal {
  code: string;
  count: number;
  lastAt: string;
}

/**
 * The last calls, put together from the records of the ledger (of every process and machine that shares it, calls in flight among them) and
 * from what this process tells of its own requests: how long they took, and what was refused before it had a record.
 */
export class RecentCalls {
  private readonly calls = new Map<string, ShownCall>();
  private readonly changed = new Set<string>();
  private readonly refusals = new Map<string, ShownRefusal>();

  /** @param moves newest first, as the ledger gives them */
  addMoves(moves: readonly HoldMove[]): void {
    for (const { holdId: id, state, model, client, amountMicroUsd, at, transaction, reason } of moves.toReversed()) {
      const counts = state === 'settled' || state === 'unresolved' || state === 'signed';
      this.put({
        ...(this.calls.get(id) ?? { code: null, totalMs: null, firstTokenMs: null }),
        id,
        at: at.toISOString(),
        state: state === 'released' && reason === null ? 'free' : state,
        model,
        client,
        priceUsd: counts ? formatUsd(amountMicroUsd) : null,
        transaction,
        reason: reason?.slice(0, MAX_REASON_LENGTH) ?? null,
      });
    }
    this.forgetOld();
  }

  addCall({ id, endedAt, state, model, client, priceMicroUsd, transaction, code, totalMs, times }: FinishedCall): void {
    if (code !== undefined && (state === 'refused' || state === 'released')) this.count(code, endedAt);
    this.put({
      reason: null,
      ...this.calls.get(id),
      id,
      at: endedAt.toISOString(),
      state,
      model: model ?? null,
      client: client ?? null,
      priceUsd: priceMicroUsd > 0n ? formatUsd(priceMicroUsd) : null,
      transaction: transaction ?? null,
      code: code ?? null,
      totalMs: Math.round(totalMs),
      firstTokenMs: times.firstTokenMs === undefined ? null : Math.round(times.firstTokenMs),
    });
    this.forgetOld();
  }

  /** All that is shown, newest first. */
  all(): ShownCall[] {
    return [...this.calls.values()].toSorted((one, other) => (one.at < other.at ? 1 : -1));
  }

  /** What has changed since this was asked last, newest first. */
  takeChanged(): ShownCall[] {
    const calls = this.all().filter(({ id }) => this.changed.has(id));
    this.changed.clear();
    return calls;
  }

  /** Why requests were refused since this process started, most often first. */
  refused(): ShownRefusal[] {
    return [...this.refusals.values()].toSorted((one, other) => other.count - one.count);
  }

  /** What changed last is the last of the map. */
  private put(call: ShownCall): void {
    this.calls.delete(call.id);
    this.calls.set(call.id, call);
    this.changed.add(call.id);
  }

  private count(code: string, at: Date): void {
    const count = (this.refusals.get(code)?.count ?? 0) + 1;
    this.refusals.set(code, { code, count, lastAt: at.toISOString() });
  }

  private forgetOld(): void {
    for (const id of this.calls.keys()) {
      if (this.calls.size <= MAX_CALLS) return;
      this.calls.delete(id);
      this.changed.delete(id);
    }
  }
}
