import type { MicroUsd } from './micro-usd.js';

/** What was signed, without its signature: an EIP-3009 `transferWithAuthorization` of a token on a network. */
export interface SignedAuthorization {
  /** CAIP-2, such as `eip155:8453`. */
  network: string;
  asset: string;
  payer: string;
  payee: string;
  amountMicroUsd: MicroUsd;
  /** 32 bytes in hex: what makes the authorization single-use on the chain. */
  nonce: string;
  /** Epoch seconds after which it is worthless. */
  validBefore: bigint;
}

/** What the seller sent as proof of payment. */
export interface Receipt {
  transaction: string;
}
