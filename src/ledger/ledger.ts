import type { Receipt, SignedAuthorization } from '../money/authorization.js';
import type { MicroUsd } from '../money/micro-usd.js';
import type { ClientTotals, DayTotals, Hold } from './hold.js';
import type { Limits, LimitUse } from './limit.js';

/** A hold that is wanted, and the limits that it has to stay within: `capMicroUsd` and the others are those of all calls together. */
export interface HoldClaim extends Limits {
  /** The id of the request; it becomes the id of the hold. */
  id: string;
  model: string;
  /** Take at most this much. */
  maxMicroUsd: MicroUsd;
  /** The daily cap: everything that counts on the day, with this hold, stays within it and what operators have added for the day. */
  capMicroUsd: MicroUsd;
  /** So many calls may be in flight at once: holds that are unsigned, or signed and without an outcome yet. */
  concurrent?: bigint | undefined;
  /** Whose call it is, and its own limits, which hold besides those of all; undefined where nobody knows. */
  client?: ({ name: string } & Limits) | undefined;
}

/** There is no room for a hold now, under the limit that is named. */
export interface CapReached {
  kind: 'cap-reached';
  totals: DayTotals;
  limit: LimitUse;
}

export interface PlacedHold {
  kind: 'held';
  hold: Hold;
  /** The totals of its day, with the hold. */
  totals: DayTotals;
}

export type Placement = PlacedHold | CapReached;

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

/** What recovery found out about a hold whose call is over, for the audit line that is written with the booking. */
export interface Finding {
  event: 'hold_expired' | 'payment_unresolved' | 'payment_reconciled';
  /** The evidence, in words. */
  reason: string;
}

/** What the seller said of a payment without a verdict. */
export type SellerSays = 'not-charged' | undefined;

/** A hold after a move, and the totals of its day with that move. */
export interface Booking {
  hold: Hold;
  totals: DayTotals;
}

/** A hold that has not ended, with what recovery needs to judge it. */
export interface OpenHold {
  hold: Hold;
  /** The instance that placed it; undefined when that is not known. */
  owner: string | undefined;
  /** Undefined while nothing is signed. */
  authorization: SignedAuthorization | undefined;
  sellerSays: SellerSays;
  /** When it came into its state. */
  since: Date;
}

/**
 * The record of what is set aside, signed and spent. Every move is one transaction, together with its audit line; a move that the
 * states of a hold do not allow is refused with `CodedError ledger_unavailable` and changes nothing. The same move of the same hold
 * again is answered with the first one's booking and writes nothing. Every method fails with `ledger_unavailable` or
 * `audit_unavailable` when its record cannot be written.
 */
export interface Ledger {
  /**
   * Sets aside what is left under every limit of the claim, up to `maxMicroUsd`: in one conditional statement for the limits of all, and
   * one for those of the client, in one transaction. So concurrent callers cannot pass a limit together. What unsigned holds of other calls take is not divided up further: there is no room until they know their price. The same
   * claim again is answered with the hold that it made, as it was placed.
   * @throws CodedError clock_unreliable when the ledger knows a later day; spending_stopped while an operator or an overrun has stopped it
   */
  place(claim: HoldClaim): Promise<Placement>;

  /**
   * Places the claims as `place` does, in one transaction and in their order, up to and with the first for which there is no room: nobody
   * overtakes that one. Answers as many as it came to, at least one of one. @throws as `place`, and then none of them is placed
   */
  placeInOrder(claims: readonly HoldClaim[]): Promise<Placement[]>;

  /**
   * Records what has been signed for the hold, and shrinks the hold to it. When it resolves the record is on disk: only then may the
   * signature leave the process. A signed amount above the hold is refused.
   * @throws CodedError spending_stopped when that has been stopped since the hold was placed
   */
  sign(holdId: string, authorization: SignedAuthorization): Promise<Booking>;

  /** Books the signed amount as the actual cost. `receipt` where the seller sent one, or the chain has one. */
  settle(holdId: string, outcome: { report: CallReport | Finding; receipt?: Receipt | undefined }): Promise<Booking>;

  /** Nobody knows whether the signed amount was taken: it keeps counting until there is proof. */
  leaveUnresolved(holdId: string, outcome: { report: CallReport | Finding; sellerSays?: SellerSays }): Promise<Booking>;

  /** Gives back a hold for which nothing was signed. `answered` counts the call: it was answered for nothing. */
  release(holdId: string, outcome: { report: CallReport; answered: boolean }): Promise<Booking>;

  /** Gives back a hold that was signed, since there is proof (the finding tells which) that the payment was not taken and no longer can be. */
  releaseProven(holdId: string, finding: Finding): Promise<Booking>;

  /** Ends a hold for which nothing was signed and whose owner is gone. Nothing can be signed for it afterwards. */
  expire(holdId: string, finding: Finding): Promise<Booking>;

  /**
   * Books a payment that was taken although its hold had been released: the truth, on the hold's own day, above its cap if need be. In the
   * same transaction all spending is stopped until an operator has looked.
   */
  bookOverrun(holdId: string, found: { transaction: string; reason: string }): Promise<Booking>;

  /** Fails with what refuses every hold now, whatever room there is. @throws CodedError clock_unreliable | spending_stopped */
  verifyOpen(): Promise<void>;

  /**
   * Ends what nobody has: a `place` or `sign` of this process that failed before it was known whether it was done. Unsigned it expires; signed,
   * and never sent, it counts until there is proof. Returns how many there were.
   */
  endLost(): Promise<number>;

  /** Every hold that has not ended, oldest first. */
  openHolds(): Promise<OpenHold[]>;

  /** The totals of a UTC day; zeros for a day without a record. */
  totals(day: string): Promise<DayTotals>;

  /** The totals of each client that had a hold on the UTC day, by name. */
  clientTotals(day: string): Promise<ClientTotals[]>;

  /** How far each limit of the claim is used on the UTC day, its client's own first. */
  limitUses(claim: Omit<HoldClaim, 'id' | 'model' | 'maxMicroUsd'>, day: string): Promise<LimitUse[]>;

  /** The totals of every day, oldest first. */
  allTotals(): Promise<DayTotals[]>;
}
export const Ledger = Symbol('Ledger');
