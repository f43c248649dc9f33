import type { MicroUsd } from '../money/micro-usd.js';

/** The only token and network that are paid: USDC on Base, by what is known here and never by what a seller says. */
export const BASE_USDC = Object.freeze({
  network: 'eip155:8453',
  chainId: 8453,
  /** The name that x402 version 1 has for the network. */
  networkNameV1: 'base',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  /** EIP-712 domain of the token. */
  domain: Object.freeze({ name: 'USD Coin', version: '2' }),
} as const);

/** No authorization is signed for longer, whatever a seller asks. */
export const MAX_VALIDITY_SECONDS = 600;

/** What a seller asks for one request (x402 v2, section "PaymentRequired"; v1 bodies are read into the same form). */
export interface Challenge {
  x402Version: 1 | 2;
  /** Entries of `accepts` as the seller sent them. */
  accepts: readonly AcceptsEntry[];
  /** To be sent back with the payment, as the seller sent it (v2); frozen. */
  resource: unknown;
}

/** An entry of `accepts` with the fields that matter, and the entry itself, which goes back to the seller unchanged. */
export interface AcceptsEntry {
  scheme: string;
  network: string;
  asset: string;
  payee: string;
  /** Atomic units of the asset as text; not yet known to be a number. */
  amount: string;
  maxTimeoutSeconds: number;
  /** What is sold, by the seller's own word; undefined when it names nothing. */
  resourceUrl: string | undefined;
  /** Frozen all the way down. */
  raw: Readonly<Record<string, unknown>>;
}

/** The one offer that is signed and paid: frozen, with all that is in it, so that what was judged is what is signed and sent. */
export interface Offer {
  readonly x402Version: 1 | 2;
  readonly network: typeof BASE_USDC.network;
  readonly asset: typeof BASE_USDC.asset;
  readonly payee: string;
  readonly amountMicroUsd: MicroUsd;
  /** How long the authorization is valid from its signing on; at most `MAX_VALIDITY_SECONDS`. */
  readonly validitySeconds: number;
  readonly accepted: AcceptsEntry['raw'];
  readonly resource: unknown;
}
