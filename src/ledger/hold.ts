import type { MicroUsd } from '../money/micro-usd.js';

/**
 * The states of a hold. `held`: set aside, nothing signed. `signed`: an authorization exists and may have left. `unresolved`: signed, and
 * nobody knows the outcome. `settled`: an actual cost. `released`: given back whole. `expired`: an unsigned hold ran out.
 */
export type HoldState = 'held' | 'signed' | 'unresolved' | 'settled' | 'released' | 'expired';

/** The legal moves, and no others. */
const MOVES: Record<HoldState, readonly HoldState[]> = {
  held: ['signed', 'released', 'expired'],
  signed: ['settled', 'unresolved', 'released'],
  unresolved: ['settled', 'released'],
  settled: [],
  released: [],
  expired: [],
};

export function canMove(from: HoldState, to: HoldState): boolean {
  return MOVES[from].includes(to);
}

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

/** One hold as its newest record tells it. Its id is the id of the request that it is for. */
export interface Hold {
  id: string;
  /** The UTC day that it counts on, for ever: the one on which it was placed. */
  day: string;
  state: HoldState;
  amountMicroUsd: MicroUsd;
  model: string;
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
  /** Calls that were settled, or answered for nothing. */
  calls: number;
}

export function countedMicroUsd(totals: DayTotals): MicroUsd {
  return totals.spentMicroUsd + totals.heldMicroUsd + totals.signedMicroUsd + totals.unresolvedMicroUsd;
}
