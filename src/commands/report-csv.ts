import type { UsageReport } from '../ledger/usage.js';
import { formatUsd } from '../money/micro-usd.js';

/** RFC 4180: a header, then one record per group, each ended by CR LF. Amounts are USD, exact to 6 places. */
export function reportCsv({ by, rows }: UsageReport): string {
  const header = [by, 'holds', 'calls', 'paid_calls', 'spent_usd', 'unresolved', 'unresolved_usd', 'in_flight', 'in_flight_usd'];
  const records = rows.map(({ label, usage }) => [
    label,
    usage.holds,
    usage.calls,
    usage.paidCalls,
    formatUsd(usage.spentMicroUsd),
    usage.unresolved,
    formatUsd(usage.unresolvedMicroUsd),
    usage.inFlight,
    formatUsd(usage.inFlightMicroUsd),
  ]);
  return [header, ...records].map((record) => `${record.map((field) => csvField(String(field))).join(',')}\r\n`).join('');
}

/** A spreadsheet would run what begins like a formula: a leading apostrophe makes it take that for text. */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return safe !== text || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
