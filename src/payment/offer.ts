import type { MicroUsd } from '../money/micro-usd.js';
import type { BASE_USDC, SOLANA_USDC } from '../money/usdc.js';

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
export type Offer = BaseOffer | SolanaOffer;

interface Terms {
  readonly x402Version: 1 | 2;
  readonly payee: string;
  readonly amountMicroUsd: MicroUsd;
  /** How long the authorization is valid from its signing on; at most `MAX_VALIDITY_SECONDS`. */
  readonly validitySeconds: number;
  readonly accepted: AcceptsEntry['raw'];
  readonly resource: unknown;
}

export interface BaseOffer extends Terms {
  readonly network: typeof BASE_USDC.network;
  readonly asset: typeof BASE_USDC.asset;
}

/** What is signed on Solana lives as long as its blockhash, about a minute, whatever validity the seller names. */
export interface SolanaOffer extends Terms {
  readonly network: typeof SOLANA_USDC.network;
  readonly asset: typeof SOLANA_USDC.asset;
  /** Who signs the transaction besides the wallet, sends it, and pays the network for it. */
  readonly feePayer: string;
}
