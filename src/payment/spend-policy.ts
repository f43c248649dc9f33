import type { ErrorCode } from '../errors/coded-error.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';
import { BASE_USDC, comparable, SOLANA_USDC, type Usdc } from '../money/usdc.js';
import { type AcceptsEntry, type Challenge, MAX_VALIDITY_SECONDS, type Offer } from './offer.js';

export interface SpendLimits {
  /** The only token that is paid with, by what is known of it here. */
  token: Usdc;
  /** The wallet's address, which may not be charged for the network's fee on top; undefined where nothing can be signed. */
  payer: string | undefined;
  /** The hold of the request: no price above it is signed. */
  holdMicroUsd: MicroUsd;
  /** Addresses that may be paid, as `comparable` has them; undefined when any may (nothing is pinned yet). */
  payees: readonly string[] | undefined;
  /** What was asked for, as `resourceOf` gives it: an offer for anything else would buy something for somebody else. */
  resource: string;
  /** What the request should cost at the most by the model's list price, and how many times that may be asked; undefined: not known. */
  plausible: { estimateMicroUsd: MicroUsd; factor: bigint } | undefined;
}

export type Verdict =
  | { kind: 'chosen'; offer: Offer }
  | { kind: 'refused'; code: Extract<ErrorCode, 'offer_refused' | 'payee_refused' | 'price_implausible'>; message: string }
  /** An offer that would be paid if the hold were larger. */
  | { kind: 'too-dear'; priceMicroUsd: MicroUsd };

/**
 * Chooses the offer to sign, or says why there is none: scheme `exact`, USDC on the network of the settings, for what was asked, to a trusted payee, a positive
 * whole amount that is plausible and within the hold; of several the cheapest, never the first because it is first. Pure: the same
 * challenge and limits give the same verdict.
 */
export function chooseOffer(challenge: Challenge, limits: SpendLimits): Verdict {
  const payable = challenge.accepts.filter((entry) => isPayable(entry, challenge.x402Version, limits));
  if (payable.length === 0) return refusedOffers(challenge.accepts, limits.token);
  const wanted = payable.filter(({ resourceUrl }) => resourceOf(resourceUrl) === limits.resource);
  if (wanted.length === 0) return refusedResource(payable, limits.resource);
  const trusted = wanted.filter(({ payee }) => limits.payees?.includes(comparable(payee)) ?? true);
  if (trusted.length === 0) return refusedPayee(wanted, limits.payees ?? []);
  const [cheapest] = trusted.toSorted((one, other) => (BigInt(one.amount) < BigInt(other.amount) ? -1 : 1));
  if (!cheapest) return refusedOffers(challenge.accepts, limits.token);
  const priceMicroUsd = BigInt(cheapest.amount);
  if (limits.plausible && priceMicroUsd > limits.plausible.estimateMicroUsd * limits.plausible.factor) {
    return refusedPrice(priceMicroUsd, limits.plausible);
  }
  if (priceMicroUsd > limits.holdMicroUsd) return { kind: 'too-dear', priceMicroUsd };
  return { kind: 'chosen', offer: offerFrom(cheapest, challenge, limits.token) };
}

/** Origin and path: what of an address says which thing is sold. Undefined for what is no such address, or carries credentials. */
export function resourceOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { origin, pathname, username, password } = new URL(address);
  return username === '' && password === '' ? `${origin}${pathname}` : undefined;
}

function isPayable(entry: AcceptsEntry, version: Challenge['x402Version'], { token, payer }: SpendLimits): boolean {
  const { scheme, network, asset, payee, amount, maxTimeoutSeconds } = entry;
  return (
    scheme === 'exact' &&
    network === (version === 1 ? token.networkNameV1 : token.network) &&
    comparable(asset) === comparable(token.asset) &&
    token.address.test(payee) &&
    /^[1-9]\d{0,17}$/.test(amount) &&
    maxTimeoutSeconds >= 1 &&
    (token === BASE_USDC || isFeePayer(feePayerOf(entry), payer))
  );
}

/** Of an offer on Solana: an account other than the wallet, which would pay the network's fee and hand itself over to more than a transfer. */
function isFeePayer(feePayer: string, payer: string | undefined): boolean {
  return SOLANA_USDC.address.test(feePayer) && feePayer !== payer;
}

function feePayerOf({ raw }: AcceptsEntry): string {
  const { feePayer } = (raw['extra'] ?? {}) as { feePayer?: unknown };
  return typeof feePayer === 'string' ? feePayer : '';
}

function offerFrom(entry: AcceptsEntry, { x402Version, resource }: Challenge, token: Usdc): Offer {
  const terms = {
    x402Version,
    payee: entry.payee,
    amountMicroUsd: BigInt(entry.amount),
    validitySeconds: Math.min(Math.floor(entry.maxTimeoutSeconds), MAX_VALIDITY_SECONDS),
    accepted: entry.raw,
    resource,
  };
  const { network, asset } = token;
  if (network === BASE_USDC.network) return Object.freeze({ ...terms, network, asset });
  return Object.freeze({ ...terms, network, asset, feePayer: feePayerOf(entry) });
}

const UNTOUCHED = 'Nothing was paid and none of the daily quota was used.';

function refusedOffers(accepts: readonly AcceptsEntry[], { networkName }: Usdc): Verdict {
  const offered = accepts
    .slice(0, 3)
    .map(({ scheme, network, asset, amount }) =>
      [named('scheme', scheme), named('amount', amount), named('asset', asset), named('network', network)].join(' '),
    );
  return {
    kind: 'refused',
    code: 'offer_refused',
    message: `The seller's price is not payable in USDC on ${networkName} (it asks for: ${offered.join('; ')}). ${UNTOUCHED}`,
  };
}

function refusedResource(payable: readonly AcceptsEntry[], asked: string): Verdict {
  const url = payable[0]?.resourceUrl ?? '';
  const place = URL.canParse(url) ? `something at ${new URL(url).host}` : 'something that it does not name';
  return {
    kind: 'refused',
    code: 'offer_refused',
    message: `The seller asks to pay for ${place}, but what was asked for is ${asked}; check BLOCKRUN_CHAT_URL. ${UNTOUCHED}`,
  };
}

function refusedPayee(wanted: readonly AcceptsEntry[], trusted: readonly string[]): Verdict {
  const asked = wanted.slice(0, 2).map(({ payee, amount }) => `${payee} for ${displayUsd(BigInt(amount))}`);
  return {
    kind: 'refused',
    code: 'payee_refused',
    message:
      `The seller asks to pay ${asked.join(' or ')}, but only ${trusted.slice(0, 2).join(', ')} is trusted; ` +
      `if you know that this is right, run "payee trust" or set BLOCKRUN_PAY_TO. ${UNTOUCHED}`,
  };
}

function refusedPrice(priceMicroUsd: MicroUsd, { estimateMicroUsd, factor }: NonNullable<SpendLimits['plausible']>): Verdict {
  const expected =
    estimateMicroUsd === 0n
      ? 'for a model that is listed as free'
      : `more than ${factor} times the ${displayUsd(estimateMicroUsd)} that it should cost at the most by the model's list price ` +
        '(BLOCKRUN_MAX_PRICE_FACTOR)';
  return {
    kind: 'refused',
    code: 'price_implausible',
    message: `The seller asks ${displayUsd(priceMicroUsd)} for this request, ${expected}, so it exceeds your current quota. ${UNTOUCHED}`,
  };
}

/** How such things look. What a seller writes in their place stands in errors and in the books, so nothing else may: no sentence, no secret. */
const NAMES = {
  scheme: /^[a-z]{2,12}$/,
  network: /^(eip155:\d{1,12}|solana:[1-9A-HJ-NP-Za-km-z]{32,44}|[a-z]{2,16}(-[a-z]{2,16})?)$/,
  asset: /^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$/,
  amount: /^[\dx.,+ -]{1,24}$/,
};

function named(field: keyof typeof NAMES, text: string): string {
  return NAMES[field].test(text) ? text : '?';
}
