import { PaymentRequirementsV1Schema, PaymentRequirementsV2Schema } from '@x402/core/schemas';
import { decodePaymentRequiredHeader } from '@x402/core/http';
import { CodedError } from '../errors/coded-error.js';
import type { AcceptsEntry, Challenge } from './offer.js';

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
    'The seller asks for a payment in a form that cannot be read (neither a PAYMENT-REQUIRED header nor an x402 body). Nothing was paid.',
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
  const { x402Version, accepts, resource } = value as { x402Version?: unknown; accepts?: unknown; resource?: unknown };
  if ((x402Version !== 1 && x402Version !== 2) || !Array.isArray(accepts)) return undefined;
  const read = x402Version === 1 ? entryV1 : entryV2;
  const entries = accepts.map(read).filter((entry) => entry !== undefined);
  return entries.length > 0 ? { x402Version, accepts: entries, resource } : undefined;
}

function entryV2(raw: unknown): AcceptsEntry | undefined {
  const { success, data } = PaymentRequirementsV2Schema.safeParse(raw);
  if (!success) return undefined;
  const { scheme, network, asset, payTo: payee, amount, maxTimeoutSeconds } = data;
  return { scheme, network, asset, payee, amount, maxTimeoutSeconds, raw: raw as AcceptsEntry['raw'] };
}

function entryV1(raw: unknown): AcceptsEntry | undefined {
  const { success, data } = PaymentRequirementsV1Schema.safeParse(raw);
  if (!success) return undefined;
  const { scheme, network, asset, payTo: payee, maxAmountRequired: amount, maxTimeoutSeconds } = data;
  return { scheme, network, asset, payee, amount, maxTimeoutSeconds, raw: raw as AcceptsEntry['raw'] };
}
