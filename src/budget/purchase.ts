import type { Client } from '../configuration/client.js';
import type { StepTimes } from '../calls/finished-call.js';
import type { CodedError, ErrorCode } from '../errors/coded-error.js';
import type { Booking, PlacedHold, SellerSays } from '../ledger/ledger.js';
import type { Receipt } from '../money/authorization.js';

/** What a client asked for, as far as the budget needs to know. */
export interface Order {
  requestId: string;
  /** When the request came in, by `performance.now()`. */
  receivedAt: number;
  model: string;
  streamed: boolean;
  /** Whose request it is; undefined where nobody knows. */
  client?: Client | undefined;
}

/** How a purchase ended. */
export type Outcome =
  /** Answered, and the seller asked for nothing. */
  | { kind: 'free' }
  /** Paid and delivered; `receipt` where the seller sent one. */
  | { kind: 'settled'; receipt?: Receipt | undefined; code?: ErrorCode; reason?: string }
  /** Signed, and nobody knows whether it was taken. */
  | { kind: 'unresolved'; delivered: boolean; sellerSays: SellerSays; code?: ErrorCode; reason: string }
  /** Nothing was signed. */
  | { kind: 'released'; code: ErrorCode; reason: string };

/**
 * One request's way through the budget: its hold, what was signed for it, and how it ended. It is made by the guard that places the
 * hold, told by the service that buys, and booked once by the interceptor.
 */
export class Purchase {
  readonly startedAt = performance.now();
  readonly times: StepTimes = {};
  /** The ledger's record of the signature; undefined while nothing is signed. */
  signed: Booking | undefined;
  receipt: Receipt | undefined;
  /** What the seller said of a payment that it gave no receipt for. */
  sellerSays: SellerSays;
  /** Set by the first who books it; everybody else gets the same booking. */
  booking: Promise<Booking> | undefined;
  private isClaimed = false;
  readonly outcome: Promise<Outcome>;
  /** Tells how the purchase ended. Only the first call counts. */
  conclude!: (outcome: Outcome) => void;

  constructor(
    readonly order: Order,
    readonly placed: PlacedHold,
  ) {
    this.outcome = new Promise((resolve) => (this.conclude = resolve));
  }

  /** Takes over the duty to conclude it. False where somebody has. */
  claim(): boolean {
    const isFirst = !this.isClaimed;
    this.isClaimed = true;
    return isFirst;
  }

  /** Concludes it by a fault: settled where the seller's receipt proves it, unresolved where only the signature is known, else released. */
  concludeFailed({ code, recorded: reason }: CodedError, { delivered } = { delivered: false }): void {
    const { signed, receipt, sellerSays } = this;
    if (!signed) this.conclude({ kind: 'released', code, reason });
    else if (receipt) this.conclude({ kind: 'settled', receipt, code, reason });
    else this.conclude({ kind: 'unresolved', delivered, sellerSays, code, reason });
  }

  get holdId(): string {
    return this.placed.hold.id;
  }
}
