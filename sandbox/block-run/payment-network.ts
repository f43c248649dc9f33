import type { Network, PaymentPayload, PaymentRequirements } from '@x402/core/types';
import type { Fault } from './faults.js';
import type { Refusal } from './refusals.js';

export type Offer = PaymentRequirements;

/** At the ask the price is quoted; at the pay it is worked out again, for nothing binds the seller to its first quote. */
export type Moment = 'ask' | 'pay';

/** What a payment says by itself, before anybody has judged it. */
export interface SignedTransfer {
  readonly payer: string;
  /** By what the payment is known on its chain before it is settled: on Base its nonce, on Solana the payer's own signature. */
  readonly nonce: string;
  readonly amountMicroUsd: bigint;
}

export interface Verdict {
  readonly invalidReason: string;
  readonly invalidMessage?: string | undefined;
  readonly payer?: string | undefined;
}

/** All that the seller does differently on one chain than on another. */
export interface PaymentNetwork {
  /** CAIP-2. */
  readonly id: Network;
  /** What the body of a 402 and x402 version 1 call it. */
  readonly name: string;
  readonly treasury: string;
  /** Whether a payment is settled beside the model, so that a failed call is charged and no answer names the transaction. */
  readonly settlesBeside: boolean;
  /** The reasons that x402 gives on this chain, for what the seller finds by itself. */
  readonly reasons: { readonly otherAmount: string; readonly used: Verdict };

  offer(amountMicroUsd: bigint, payTo: string): Offer;
  readonly falseOffers: FalseOffers;
  /** Nothing if the payload is not a payment on this chain. */
  read(payload: PaymentPayload): SignedTransfer | undefined;
  /** The seller's answer to a payment that is not good. No challenge comes with it: the caller must ask anew. */
  refusal(verdict: Verdict): Refusal;
  /** The id of a transaction that was counted and never sent. */
  countedTransaction(count: number): string;
}

export function times(offer: Offer, factor: bigint): Offer {
  return { ...offer, amount: (BigInt(offer.amount) * factor).toString() };
}

/** What the faults that change an offer make of the right one. */
export type FalseOffers = { readonly [Name in Fault]?: (offer: Offer, moment: Moment) => Offer[] };

const TEN_YEARS_SECONDS = 315_360_000;

/** Those that are the same on every chain. */
export const FALSE_EVERYWHERE: FalseOffers = {
  'quote-huge': (offer) => [{ ...offer, amount: '1000000000' }],
  'quote-zero': (offer) => [{ ...offer, amount: '0' }],
  'quote-long-validity': (offer) => [{ ...offer, maxTimeoutSeconds: TEN_YEARS_SECONDS }],
  'quote-jump': (offer, moment) => [moment === 'ask' ? offer : times(offer, 2n)],
};
