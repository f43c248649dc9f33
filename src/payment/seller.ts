import type { Receipt } from '../money/authorization.js';
import type { Cancellation } from './cancellation.js';
import type { Challenge, Offer } from './offer.js';
import type { SignedPayment } from './payer.js';

/** What the seller's answer says about the money. */
export interface PaymentProof {
  receipt?: Receipt | undefined;
  /** The seller delivered, and says in its own words that it did not take the payment. */
  notTaken?: string | undefined;
}

/** A request of a client on its way to the seller. */
export interface SellerRequest {
  /** The JSON body. The unpaid ask and the paid send carry these very bytes. */
  body: Buffer;
  streamed: boolean;
}

export type SellerAnswer =
  /** `sellerTime`: by the seller's own clock, where it tells. */
  | { kind: 'payment-required'; challenge: Challenge; sellerTime?: Date | undefined }
  /** A whole completion: the JSON text as the seller sent it, and what it says. */
  | { kind: 'completion'; json: string; value: object; proof: PaymentProof }
  /** A stream: the `data` of each event as it comes, up to and without `[DONE]`; it throws when the stream breaks. */
  | { kind: 'stream'; events: AsyncIterable<string>; proof: PaymentProof }
  /** An answer that is an error. */
  | { kind: 'rejection'; rejection: Rejection; proof: PaymentProof }
  /** No answer, or one that broke off: refused connection, time-out, reset, a body cut short or not in OpenAI's form. */
  | { kind: 'no-answer'; reason: string; proof: PaymentProof };

export interface Rejection {
  status: number;
  /** The seller's own words, cut to what can stand in an error message. */
  message: string;
  /** The seller says that it did not and will not take the payment. */
  notCharged: boolean;
  /** The wallet cannot cover the price. */
  walletTooLow: boolean;
  retryAfterSeconds: number | undefined;
}

/** Whoever sells completions. */
export interface Seller {
  /** Sends the request without a payment. A request that was given up (`gone`) is `no-answer`; nothing can have been paid for it. */
  ask(request: SellerRequest, gone: Cancellation): Promise<SellerAnswer>;

  /**
   * Sends the same bytes with the payment. Called at most once for a payment, and never repeated by the adapter itself: after this call
   * the payment may have been taken, whatever the answer. It is not given up when the client leaves, only by the time-outs.
   */
  pay(request: SellerRequest, payment: { offer: Offer; signed: SignedPayment }): Promise<SellerAnswer>;
}
export const Seller = Symbol('Seller');
