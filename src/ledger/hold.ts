import type { MicroUsd } from '../money/micro-usd.js';

/**
 * The states of a hold. `held`: set aside, nothing signed. `signed`: an authorization exists and may have left. `unresolved`: signed, and
 * nobody knows the outcome. `settled`: an actual cost. `released`: given back whole. `expired`: an unsigned hold ran out.
 */
export type HoldState = 'held' | 'signed' | 'unresolved' | 'settled' | 'released' | 'expired';

/** The legal moves, and no others. A record begins as `held`, or as `settled` where it books what was spent outside of any hold. */
const MOVES: Record<HoldState | 'nothing', readonly HoldState[]> = {
  nothing: ['held', 'settled'],
  held: ['signed', 'released', 'expired'],
  signed: ['settled', 'unresolved', 'released'],
  unresolved: ['settled', 'released'],
  settled: [],
  released: [],
  expired: [],
};

/** The totals of a day that a hold in this state counts towards; undefined where it counts no more. */
export function totalOf(state: HoldState): 'held' | 'signed' | 'unresolved' | 'spent' | undefined {
  switch (state) {
    case 'held':
    case 'signed':
    case 'unresolved':
      return state;
    case 'settled':
      return 'spent';
    case 'released':
    case 'expired':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** Whether something may still become of a hold in this state. */
export function isOpen(state: HoldState): boolean {
  return MOVES[state].length > 0;
}

/** One hold as its newest record tells it. Its id is the id of the request that it is for. */
export interface Hold {
  id: string;
  /** The UTC day that it counts on, for ever: the one on which it was placed. */
  day: string;
  state: HoldState;
  amountMicroUsd: MicroUsd;
  model: string;
  /** Whose it is, where that is known. */
  client?: string | undefined;
}

/** Why the record cannot follow what the hold's records before it add up to; undefined when it can. */
export function faultOfRecord(before: Hold | undefined, next: Hold): string | undefined {
  const from = before?.state ?? 'nothing';
  if (!MOVES[from].includes(next.state)) return `hold ${next.id} is ${from} and cannot become ${next.state}`;
  if (before === undefined) return undefined;
  if (before.id !== next.id || before.day !== next.day) return `hold ${before.id} of ${before.day} is not hold ${next.id} of ${next.day}`;
  if (before.client !== next.client) return `hold ${next.id} is of ${before.client ?? 'no client'} and not of ${next.client ?? 'none'}`;
  if (next.amountMicroUsd > before.amountMicroUsd)
    return `${next.amountMicroUsd} micro-USD are more than the hold of ${before.amountMicroUsd}`;
  return undefined;
}

/** A hold's records, oldest first, added up to what it is now. @throws Error at the first record that cannot follow */
export function foldHold(records: readonly Hold[]): Hold | undefined {
  return records.reduce<Hold | undefined>((before, next) => {
    const fault = faultOfRecord(before, next);
    if (fault !== undefined) throw new Error(fault);
    return next;
  }, undefined);
}

/** Totals of one UTC day. What counts against the cap is the sum of the four amounts. */
export interface DayTotals {
  day: string;
  spentMicroUsd: MicroUsd;
  /** Unsigned holds of calls in flight. */
  heldMicroUsd: MicroUsd;
  /** Signed, outcome still expected. */
  signedMicroUsd: MicroUsd;
  unresolvedMicroUsd: MicroUsd;
  /** What operators have added to the daily cap, for this day only. */
  raisedMicroUsd: MicroUsd;
  /** Calls that were settled, or answered for nothing. */
  calls: number;
}

/** Totals of one client on one UTC day; they are in the totals of the day, too. */
export interface ClientTotals extends Omit<DayTotals, 'raisedMicroUsd'> {
  client: string;
}

export function countedMicroUsd(totals: Omit<DayTotals, 'day' | 'raisedMicroUsd' | 'calls'>): MicroUsd {
  return totals.spentMicroUsd + totals.heldMicroUsd + totals.signedMicroUsd + totals.unresolvedMicroUsd;
}
