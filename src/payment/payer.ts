import type { Offer } from './offer.js';

/** What a wallet has signed for an offer. */
export type SignedPayment = SignedTransfer | SignedTransaction;

/** An EIP-3009 `transferWithAuthorization` and its signature: the `payload` of x402's `exact` scheme on EVM. Numbers are decimal text. */
export interface SignedTransfer {
  signature: string;
  authorization: { from: string; to: string; value: string; validAfter: string; validBefore: string; nonce: string };
}

/** A Solana transaction that the wallet has signed and its fee payer has not: the `payload` of x402's `exact` scheme on SVM. */
export interface SignedTransaction {
  /** The wire form in base64. */
  transaction: string;
  lifetime: TransactionLifetime;
}

/** The block that a transaction was made after, and the last block that can take it. */
export interface TransactionLifetime {
  blockhash: string;
  /** A height, which counts blocks; a slot is another number. */
  lastValidBlockHeight: bigint;
}

/** Whoever holds the wallet's key. A payer only signs; it never sends anything to the seller. */
export interface Payer {
  /** The wallet's address. */
  readonly address: string;

  /**
   * Signs exactly the offer, so that it can be taken once: with a fresh random nonce, over the domain of `BASE_USDC`, or as a transaction that
   * no other is the same as. A payer that does not build what is signed itself has to prove the domain by recovering the signer. Calling
   * it twice gives two payments, each of which can be taken: it is called at most once for a request. @throws CodedError payer_failed |
   * payer_unavailable | wallet_underfunded when nothing was signed, or what was signed stays here
   */
  authorize(offer: Offer): Promise<SignedPayment>;
}
export const Payer = Symbol('Payer');
