import type { Usage, UsageReport } from '../ledger/usage.js';
import { formatUsd } from '../money/micro-usd.js';

/** As JSON: every row names its group under what was grouped by, such as `"model"`. Amounts are decimal strings, exact to 6 places. */
export function reportFacts({ from, to, by, rows, total }: UsageReport): object {
  return { from, to, by, rows: rows.map(({ label, usage }) => ({ [by]: label, ...usageFacts(usage) })), total: usageFacts(total) };
}

function usageFacts({ spentMicroUsd, unresolvedMicroUsd, inFlightMicroUsd, ...counts }: Usage): object {
  return {
    holds: counts.holds,
    calls: counts.calls,
    paidCalls: counts.paidCalls,
    spentUsd: formatUsd(spentMicroUsd),
    unresolved: counts.unresolved,
    unresolvedUsd: formatUsd(unresolvedMicroUsd),
    inFlight: counts.inFlight,
    inFlightUsd: formatUsd(inFlightMicroUsd),
  };
}
