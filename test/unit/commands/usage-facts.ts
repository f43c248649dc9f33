import type { Grouping, Usage, UsageReport } from '../../../src/ledger/usage.js';

export function usage(figures: Partial<Usage> = {}): Usage {
  return {
    holds: 0,
    calls: 0,
    paidCalls: 0,
    spentMicroUsd: 0n,
    unresolved: 0,
    unresolvedMicroUsd: 0n,
    inFlight: 0,
    inFlightMicroUsd: 0n,
    ...figures,
  };
}

/** A report of these groups, with their sum. */
export function reportOf(by: Grouping, groups: Record<string, Usage>): UsageReport {
  const rows = Object.entries(groups).map(([label, figures]) => ({ label, usage: figures }));
  const sum = (figure: (one: Usage) => bigint) => rows.reduce((total, row) => total + figure(row.usage), 0n);
  const count = (figure: (one: Usage) => number) => Number(sum((one) => BigInt(figure(one))));
  const total = {
    holds: count(({ holds }) => holds),
    calls: count(({ calls }) => calls),
    paidCalls: count(({ paidCalls }) => paidCalls),
    spentMicroUsd: sum(({ spentMicroUsd }) => spentMicroUsd),
    unresolved: count(({ unresolved }) => unresolved),
    unresolvedMicroUsd: sum(({ unresolvedMicroUsd }) => unresolvedMicroUsd),
    inFlight: count(({ inFlight }) => inFlight),
    inFlightMicroUsd: sum(({ inFlightMicroUsd }) => inFlightMicroUsd),
  };
  return { from: '2026-06-01', to: '2026-06-07', by, rows, total };
}
