import type { Receipt, SignedAuthorization } from '../money/authorization.js';
import type { MicroUsd } from '../money/micro-usd.js';
import type { DayTotals, Hold } from './hold.js';

export interface HoldClaim {
  /** The id of the request; it becomes the id of the hold. */
  id: string;
  model: string;
  /** Take at most this much. */
  maxMicroUsd: MicroUsd;
  /** The day's cap: everything that counts on the day, with this hold, stays within it. */
  capMicroUsd: MicroUsd;
}

/** There is no room for a hold now. The totals tell whether calls in flight may still give some back. */
export interface CapReached {
  kind: 'cap-reached';
  totals: DayTotals;
}

export interface PlacedHold {
  kind: 'held';
  hold: Hold;
  /** The totals of its day, with the hold. */
  totals: DayTotals;
}

/** How a call went, for the audit line that is written with the booking. */
export interface CallReport {
  event: 'chat_completion' | 'upstream_error' | 'budget_reject' | 'payment_refused';
  dryRun: boolean;
  streamed: boolean;
  durationMs: number;
  /** The code of the error that the client got. */
  code?: string | undefined;
  /** Why it went so, in words; never a prompt, an answer, a key or a signature. */
  reason?: string | undefined;
}

/** A hold after a move, and the totals of its day with that move. */
export interface Booking {
  hold: Hold;
  totals: DayTotals;
}

/**
 * The record of what is set aside, signed and spent. Every move is one transaction, together with its audit line; a move that the
 * states of a hold do not allow is refused with `CodedError ledger_unavailable` and changes nothing. The same move of the same hold
 * again is answered with the first one's booking and writes nothing. Every method fails with `ledger_unavailable` or
 * `audit_unavailable` when its record cannot be written.
 */
export interface Ledger {
  /**
   * Sets aside what is left of the day, up to `maxMicroUsd`, in one conditional statement: concurrent callers cannot pass the cap
   * together. What unsigned holds of other calls take is not divided up further: there is no room until they know their price.
   */
  place(claim: HoldClaim): Promise<PlacedHold | CapReached>;

  /**
   * Records what has been signed for the hold, and shrinks the hold to it. When it resolves the record is on disk: only then may the
   * signature leave the process. A signed amount above the hold is refused.
   */
  sign(holdId: string, authorization: SignedAuthorization): Promise<Booking>;

  /** Books the signed amount as the actual cost. `receipt` where the seller sent one. */
  settle(holdId: string, outcome: { report: CallReport; receipt?: Receipt | undefined }): Promise<Booking>;

  /** Nobody knows whether the signed amount was taken: it keeps counting until there is proof. */
  leaveUnresolved(holdId: string, outcome: { report: CallReport; receipt?: Receipt | undefined }): Promise<Booking>;

  /** Gives back a hold for which nothing was signed. `answered` counts the call: it was answered for nothing. */
  release(holdId: string, outcome: { report: CallReport; answered: boolean }): Promise<Booking>;

  /** The totals of a UTC day; zeros for a day without a record. */
  totals(day: string): Promise<DayTotals>;

  /** The totals of every day, oldest first. */
  allTotals(): Promise<DayTotals[]>;
}
export const Ledger = Symbol('Ledger');
