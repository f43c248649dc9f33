import { PaymentRequirementsV1Schema, PaymentRequirementsV2Schema } from '@x402/core/schemas';
import { decodePaymentRequiredHeader } from '@x402/core/http';
import { CodedError } from '../errors/coded-error.js';
import { frozenJson } from './frozen-json.js';
import type { AcceptsEntry, Challenge } from './offer.js';

/** More offers for one request are no price list. */
const MAX_OFFERS = 64;

/**
 * Reads a 402 answer: the header `PAYMENT-REQUIRED` (base64 JSON) first, else the JSON body (x402 v2 in the body, or v1). Entries that
 * cannot be read are passed over; an answer without one that can is unreadable. @throws CodedError challenge_unreadable
 */
export function readChallenge(header: string | undefined, body: string): Challenge {
  const sources = [() => (header ? (decodePaymentRequiredHeader(header) as unknown) : undefined), () => JSON.parse(body) as unknown];
  for (const source of sources) {
    const challenge = challengeFrom(attempt(source));
    if (challenge) return challenge;
  }
  throw new CodedError(
    'challenge_unreadable',
    'The seller asks for a payment in a form that cannot be read (neither a PAYMENT-REQUIRED header nor an x402 body). ' +
      'Nothing was paid and none of the daily quota was used.',
  );
}

function attempt(source: () => unknown): unknown {
  try {
    return source();
  } catch {
    return undefined; // not base64 or not JSON: the next source may be
  }
}

function challengeFrom(value: unknown): Challenge | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { x402Version, accepts, resource: sent } = value as { x402Version?: unknown; accepts?: unknown; resource?: unknown };
  if ((x402Version !== 1 && x402Version !== 2) || !Array.isArray(accepts) || accepts.length > MAX_OFFERS) return undefined;
  const resource = x402Version === 2 ? frozenJson(sent) : undefined;
  const read = x402Version === 1 ? entryV1 : (raw: unknown) => entryV2(raw, urlOf(resource));
  const entries = accepts.map(read).filter((entry) => entry !== undefined);
  return entries.length > 0 ? { x402Version, accepts: entries, resource } : undefined;
}

function entryV2(raw: unknown, resourceUrl: string | undefined): AcceptsEntry | undefined {
  const { success, data } = PaymentRequirementsV2Schema.safeParse(raw);
  if (!success) return undefined;
  const { scheme, network, asset, payTo: payee, amount, maxTimeoutSeconds } = data;
  return entryWith(raw, { scheme, network, asset, payee, amount, maxTimeoutSeconds, resourceUrl });
}

function entryV1(raw: unknown): AcceptsEntry | undefined {
  const { success, data } = PaymentRequirementsV1Schema.safeParse(raw);
  if (!success) return undefined;
  const { scheme, network, asset, payTo: payee, maxAmountRequired: amount, maxTimeoutSeconds, resource: resourceUrl } = data;
  return entryWith(raw, { scheme, network, asset, payee, amount, maxTimeoutSeconds, resourceUrl });
}

function entryWith(raw: unknown, fields: Omit<AcceptsEntry, 'raw'>): AcceptsEntry | undefined {
  const frozen = frozenJson(raw as AcceptsEntry['raw']);
  return frozen && { ...fields, raw: frozen };
}

function urlOf(resource: unknown): string | undefined {
  const { url } = (resource ?? {}) as { url?: unknown };
  return typeof url === 'string' ? url : undefined;
}
