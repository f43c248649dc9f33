import { utcDay } from '../clock/clock.js';
import type { MicroUsd } from '../money/micro-usd.js';
import { ONLY_MACHINE } from '../store/schema.js';
import { type HoldState, totalOf } from './hold.js';

/** UTC days, both included. */
export interface DayRange {
  from: string;
  to: string;
}

/** Holds that are alike in all these, added up. */
export interface HoldGroup {
  day: string;
  state: HoldState;
  /** Null only for what was taken over from a `ledger.json` of before. */
  model: string | null;
  /** Null where nothing was signed. */
  payee: string | null;
  /** That placed the hold; null in records from before ledgers were shared. */
  machine: string | null;
  /** Null where nobody knew whose it was. */
  client: string | null;
  holds: number;
  /** Calls that were settled, or answered for nothing. */
  calls: number;
  paidCalls: number;
  amountMicroUsd: MicroUsd;
}

/** What the ledger says of some days at one moment: its records added up, and the totals that it keeps of each day. */
export interface UsageRecords {
  groups: HoldGroup[];
  days: { day: string; spentMicroUsd: MicroUsd; calls: number }[];
}

/** What some holds add up to. */
export interface Usage {
  /** However they ended; what was taken over of a day, and an overrun, is one of its own. */
  holds: number;
  /** Calls that were settled, or answered for nothing. */
  calls: number;
  /** Those of them that were paid for. Nobody knows how many of the calls that were taken over were: they are not in it. */
  paidCalls: number;
  spentMicroUsd: MicroUsd;
  unresolved: number;
  unresolvedMicroUsd: MicroUsd;
  /** Held or signed: the outcome is still expected. */
  inFlight: number;
  inFlightMicroUsd: MicroUsd;
}

export const GROUPINGS = ['day', 'model', 'payee', 'machine', 'client', 'status'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface UsageReport extends DayRange {
  by: Grouping;
  rows: { label: string; usage: Usage }[];
  total: Usage;
}

export const TAKEN_OVER = '(taken over)';
const DAY_MS = 24 * 60 * 60 * 1000;
export const NO_PAYEE = '(none)';
export const NO_CLIENT = '(unknown)';
const STATES: readonly HoldState[] = ['settled', 'unresolved', 'signed', 'held', 'released', 'expired'];

export function countDays({ from, to }: DayRange): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
}

/** Every day of the range, oldest first. */
export function daysOf(range: DayRange): string[] {
  return Array.from({ length: countDays(range) }, (_none, number) => utcDay(new Date(Date.parse(range.from) + number * DAY_MS)));
}

/** By day, every day of the range has a row, and by status every state; by model, payee, machine and client, the ones that were used, dearest first. */
export function usageReport({ from, to }: DayRange, by: Grouping, records: UsageRecords): UsageReport {
  const known = by === 'day' ? daysOf({ from, to }) : by === 'status' ? STATES : [];
  const rows = new Map<string, UsageReport['rows'][number]>(known.map((label) => [label, { label, usage: nothing() }]));
  const total = nothing();
  for (const group of withTakenOverCalls(records)) {
    const label = labelOf(group, by);
    const key = by === 'payee' ? label.toLowerCase() : label; // an address in another spelling is the same address
    const row = rows.get(key) ?? { label, usage: nothing() };
    rows.set(key, row);
    add(row.usage, group);
    add(total, group);
  }
  const isRanked = by !== 'day' && by !== 'status';
  return { from, to, by, rows: isRanked ? [...rows.values()].toSorted(dearestFirst) : [...rows.values()], total };
}

/** The days whose records do not add up to the totals that the ledger keeps of them, in words. None, unless somebody changed the file. */
export function differencesOf(records: UsageRecords): string[] {
  const totals = new Map(records.days.map((total) => [total.day, total]));
  const sums = new Map(records.days.map(({ day }) => [day, nothing()]));
  for (const group of withTakenOverCalls(records)) {
    const sum = sums.get(group.day) ?? nothing();
    sums.set(group.day, sum);
    add(sum, group);
  }
  return [...sums].flatMap(([day, { spentMicroUsd: spent, calls }]) => {
    const { spentMicroUsd: spentInTotal = 0n, calls: callsInTotal = 0 } = totals.get(day) ?? {};
    if (spent === spentInTotal && calls === callsInTotal) return [];
    return [`${day}: records of ${spent} micro-USD in ${calls} calls, and a total of ${spentInTotal} micro-USD in ${callsInTotal} calls`];
  });
}

/** A takeover is one record with the sum of its day; how many calls that was is only in the day's total, beside those made since. */
function withTakenOverCalls({ groups, days }: UsageRecords): HoldGroup[] {
  const others = new Map(days.map(({ day, calls }) => [day, calls]));
  for (const { day, calls } of groups) others.set(day, (others.get(day) ?? 0) - calls);
  return groups.map((group) => {
    const takenOver = group.model === null && group.state === 'settled' ? (others.get(group.day) ?? 0) : 0;
    return takenOver > 0 ? { ...group, calls: group.calls + takenOver } : group;
  });
}

function labelOf(group: HoldGroup, by: Grouping): string {
  switch (by) {
    case 'day':
      return group.day;
    case 'model':
      return group.model ?? TAKEN_OVER;
    case 'payee':
      return group.payee ?? NO_PAYEE;
    case 'machine':
      return group.machine ?? ONLY_MACHINE;
    case 'client':
      return group.client ?? NO_CLIENT;
    case 'status':
      return group.state;
    default:
      return by satisfies never;
  }
}

function nothing(): Usage {
  return {
    holds: 0,
    calls: 0,
    paidCalls: 0,
    spentMicroUsd: 0n,
    unresolved: 0,
    unresolvedMicroUsd: 0n,
    inFlight: 0,
    inFlightMicroUsd: 0n,
  };
}

function add(usage: Usage, { state, holds, calls, paidCalls, amountMicroUsd }: HoldGroup): void {
  usage.holds += holds;
  usage.calls += calls;
  usage.paidCalls += paidCalls;
  const counts = totalOf(state);
  if (counts === 'spent') usage.spentMicroUsd += amountMicroUsd;
  if (counts === 'unresolved') {
    usage.unresolved += holds;
    usage.unresolvedMicroUsd += amountMicroUsd;
  }
  if (counts === 'held' || counts === 'signed') {
    usage.inFlight += holds;
    usage.inFlightMicroUsd += amountMicroUsd;
  }
}

function dearestFirst(one: UsageReport['rows'][number], other: UsageReport['rows'][number]): number {
  const bySpent = Number(other.usage.spentMicroUsd - one.usage.spentMicroUsd);
  return bySpent || other.usage.calls - one.usage.calls || (one.label < other.label ? -1 : 1);
}
