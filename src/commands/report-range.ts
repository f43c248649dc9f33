import { InvalidArgumentError } from 'commander';
import { utcDay } from '../clock/clock.js';
import { countDays, type DayRange } from '../ledger/usage.js';

/** The options that say which days; commander sees to it that only one of the three ways is taken. */
export interface RangeOptions {
  days?: number;
  /** True: the current one. */
  month?: string | true;
  from?: string;
  to?: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 7;
/** Ten years: every day of a range may become a row. */
export const MAX_DAYS = 3660;

/** The days that the options name, or why they name none. A month that is not over yet ends today. */
export function rangeOf({ days, month, from, to }: RangeOptions, now: Date): DayRange | { problem: string } {
  const today = utcDay(now);
  if (month !== undefined) {
    const { first, last } = daysOfMonth(month === true ? today.slice(0, 7) : month);
    return { from: first, to: first <= today && today < last ? today : last };
  }
  if (from === undefined && to === undefined)
    return { from: utcDay(new Date(now.getTime() - ((days ?? DEFAULT_DAYS) - 1) * DAY_MS)), to: today };
  if (from === undefined || to === undefined) return { problem: 'options --from and --to must be used together' };
  if (from > to) return { problem: `--from ${from} is after --to ${to}` };
  const count = countDays({ from, to });
  return count > MAX_DAYS
    ? { problem: `--from ${from} --to ${to} are ${count} days; at most ${MAX_DAYS} can be reported at a time` }
    : { from, to };
}

/** A number of days, for `--days`. */
export function dayCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_DAYS) throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_DAYS}.`);
  return count;
}

/** A UTC month such as `2026-06`, for `--month`. */
export function month(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('It must be a month, such as 2026-06.');
  return text;
}

function daysOfMonth(month: string): { first: string; last: string } {
  const first = new Date(`${month}-01T00:00:00Z`);
  const next = new Date(first);
  next.setUTCMonth(next.getUTCMonth() + 1);
  return { first: utcDay(first), last: utcDay(new Date(next.getTime() - DAY_MS)) };
}
