import { nextUtcDay } from '../clock/clock.js';
import { countedMicroUsd, type DayTotals } from '../ledger/hold.js';
import { formatUsd, type MicroUsd } from '../money/micro-usd.js';

/** Today's budget as `GET /v1/budget` and the command `budget` show it; amounts are decimal strings of USD. */
export interface BudgetStatus {
  day: string;
  /** The daily cap, with what an operator has added for today. */
  capUsd: string;
  spentUsd: string;
  /** Set aside for calls in flight and for unresolved payments. */
  heldUsd: string;
  /** The part of `heldUsd` whose outcome nobody knows. */
  unresolvedUsd: string;
  remainingUsd: string;
  calls: number;
  resetsAt: string;
}

export function budgetStatusOf(totals: DayTotals, dailyCapMicroUsd: MicroUsd, now: Date): BudgetStatus {
  const cap = dailyCapMicroUsd + totals.raisedMicroUsd;
  const remaining = cap - countedMicroUsd(totals);
  return {
    day: totals.day,
    capUsd: formatUsd(cap),
    spentUsd: formatUsd(totals.spentMicroUsd),
    heldUsd: formatUsd(countedMicroUsd(totals) - totals.spentMicroUsd),
    unresolvedUsd: formatUsd(totals.unresolvedMicroUsd),
    remainingUsd: formatUsd(remaining > 0n ? remaining : 0n),
    calls: totals.calls,
    resetsAt: nextUtcDay(now).toISOString(),
  };
}
