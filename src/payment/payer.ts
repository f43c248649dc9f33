import type { Offer } from './offer.js';

/** An EIP-3009 `transferWithAuthorization` and its signature: the `payload` of x402's `exact` scheme on EVM. Numbers are decimal text. */
export interface SignedPayment {
  signature: string;
  authorization: { from: string; to: string; value: string; validAfter: string; validBefore: string; nonce: string };
}

/** Whoever holds the wallet's key. A payer only signs; it never sends anything to the seller. */
export interface Payer {
  /** The wallet's address. */
  readonly address: string;

  /**
   * Signs exactly the offer, with a fresh random nonce, over the domain of `BASE_USDC`. A payer that does not build what is signed
   * itself has to prove the domain by recovering the signer. Calling it twice gives two authorizations, each of which can be taken:
   * it is called at most once for a request. @throws CodedError payer_failed | payer_unavailable | wallet_underfunded when nothing was signed,
   * or what was signed stays here
   */
  authorize(offer: Offer): Promise<SignedPayment>;
}
export const Payer = Symbol('Payer');
