import type { MicroUsd } from './micro-usd.js';

/** What was signed, without its signature: an EIP-3009 `transferWithAuthorization`, or a transaction on Solana, of a token on a network. */
export interface SignedAuthorization {
  /** CAIP-2, such as `eip155:8453`. */
  network: string;
  asset: string;
  payer: string;
  payee: string;
  amountMicroUsd: MicroUsd;
  /** What makes it single-use on the chain: 32 bytes in hex, or on Solana the SHA-256 of the wallet's signature. */
  nonce: string;
  /** Epoch seconds after which it is worthless. */
  validBefore: bigint;
  /** On Solana: the height of the last block that can take it. */
  lastValidBlockHeight?: bigint | undefined;
}

/** What the seller sent as proof of payment. */
export interface Receipt {
  transaction: string;
}
