import type { ErrorCode } from '../errors/coded-error.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';
import { type AcceptsEntry, BASE_USDC, type Challenge, MAX_VALIDITY_SECONDS, type Offer } from './offer.js';

export interface SpendLimits {
  /** The hold of the request: no price above it is signed. */
  holdMicroUsd: MicroUsd;
  /** Lower-case addresses that may be paid; undefined when any may (nothing is pinned yet). */
  payees: readonly string[] | undefined;
}

export type Verdict =
  | { kind: 'chosen'; offer: Offer }
  | { kind: 'refused'; code: Extract<ErrorCode, 'offer_refused' | 'payee_refused'>; message: string }
  /** An offer that would be paid if the hold were larger. */
  | { kind: 'too-dear'; priceMicroUsd: MicroUsd };

/**
 * Chooses the offer to sign, or says why there is none: scheme `exact`, USDC on Base, a trusted payee, a positive whole amount within the
 * hold; of several the cheapest, never the first because it is first. Pure: the same challenge and limits give the same verdict.
 */
export function chooseOffer(challenge: Challenge, limits: SpendLimits): Verdict {
  const payable = challenge.accepts.filter((entry) => isPayable(entry, challenge.x402Version));
  if (payable.length === 0) return refusedOffers(challenge.accepts);
  const trusted = payable.filter(({ payee }) => limits.payees?.includes(payee.toLowerCase()) ?? true);
  if (trusted.length === 0) return refusedPayee(payable, limits.payees ?? []);
  const [cheapest] = trusted.toSorted((one, other) => (BigInt(one.amount) < BigInt(other.amount) ? -1 : 1));
  if (!cheapest) return refusedOffers(challenge.accepts);
  const priceMicroUsd = BigInt(cheapest.amount);
  if (priceMicroUsd > limits.holdMicroUsd) return { kind: 'too-dear', priceMicroUsd };
  return { kind: 'chosen', offer: offerFrom(cheapest, challenge) };
}

function isPayable({ scheme, network, asset, payee, amount, maxTimeoutSeconds }: AcceptsEntry, version: Challenge['x402Version']): boolean {
  return (
    scheme === 'exact' &&
    network === (version === 1 ? BASE_USDC.networkNameV1 : BASE_USDC.network) &&
    asset.toLowerCase() === BASE_USDC.asset.toLowerCase() &&
    /^0x[0-9a-fA-F]{40}$/.test(payee) &&
    /^[1-9]\d{0,17}$/.test(amount) &&
    maxTimeoutSeconds >= 1
  );
}

function offerFrom(entry: AcceptsEntry, { x402Version, resource }: Challenge): Offer {
  return Object.freeze({
    x402Version,
    network: BASE_USDC.network,
    asset: BASE_USDC.asset,
    payee: entry.payee,
    amountMicroUsd: BigInt(entry.amount),
    validitySeconds: Math.min(Math.floor(entry.maxTimeoutSeconds), MAX_VALIDITY_SECONDS),
    accepted: entry.raw,
    resource,
  });
}

const UNTOUCHED = 'Nothing was paid and none of the daily quota was used.';

function refusedOffers(accepts: readonly AcceptsEntry[]): Verdict {
  const offered = accepts
    .slice(0, 3)
    .map(({ scheme, network, asset, amount }) => [scheme, amount, asset, network].map((word) => plain(word)).join(' '));
  return {
    kind: 'refused',
    code: 'offer_refused',
    message: `The seller's price is not payable in USDC on Base (it asks for: ${offered.join('; ')}). ${UNTOUCHED}`,
  };
}

function refusedPayee(payable: readonly AcceptsEntry[], trusted: readonly string[]): Verdict {
  const asked = payable.slice(0, 2).map(({ payee, amount }) => `${payee} for ${displayUsd(BigInt(amount))}`);
  return {
    kind: 'refused',
    code: 'payee_refused',
    message:
      `The seller asks to pay ${asked.join(' or ')}, but only ${trusted.slice(0, 2).join(', ')} is trusted; ` +
      `set BLOCKRUN_PAY_TO if this is right. ${UNTOUCHED}`,
  };
}

/** A seller's own word, cut to what can stand in an error: printable, short. */
function plain(word: string): string {
  return word.replace(/[^\x20-\x7e]/g, '?').slice(0, 48);
}
