import type { OutgoingHttpHeaders } from 'node:http';
import type { Verdict } from './payment-network.js';

/** An answer other than 200, in the seller's own error shape: `error` is a text, unlike OpenAI's object. */
export interface Refusal {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: OutgoingHttpHeaders;
}

const VERIFICATION_FAILED = 'Payment verification failed';

export function isRefusal(value: object): value is Refusal {
  return 'status' in value && 'body' in value;
}

export function badRequest(path: readonly string[], message: string): Refusal {
  return { status: 400, body: { error: 'Invalid request body', details: [{ path, message }] } };
}

export function unknownModel(id: string): Refusal {
  return { status: 400, body: { error: `Unknown model: ${id}`, details: 'See /api/v1/models' } };
}

/** No challenge comes with it: a caller that was refused here must ask anew. */
export function verificationFailed(verdict: Verdict): Refusal {
  return { status: 402, body: { error: VERIFICATION_FAILED, details: `Verification failed: ${JSON.stringify(verdict)}\n` } };
}

/** How the seller says it on Solana. */
export function paymentInvalid({ invalidReason, invalidMessage, payer }: Verdict): Refusal {
  const debug = invalidMessage === undefined ? invalidReason : `${invalidReason}: ${invalidMessage}`;
  return { status: 402, body: { error: VERIFICATION_FAILED, code: 'PAYMENT_INVALID', debug, ...(payer === undefined ? {} : { payer }) } };
}

/** The one refusal after which a new signature is safe: the transaction can no longer be processed. */
export const STALE_BLOCKHASH: Refusal = { status: 402, body: { code: 'PAYMENT_BLOCKHASH_STALE', error: VERIFICATION_FAILED } };

export function settlementFailed(details: string): Refusal {
  return { status: 402, body: { error: 'Settlement failed', details } };
}

export const RATE_LIMITED: Refusal = {
  status: 429,
  headers: { 'retry-after': '60', 'x-ratelimit-source': 'upstream' },
  body: {
    error: 'Rate limited',
    code: 'RATE_LIMITED',
    source: 'upstream',
    retry_after_seconds: 60,
    details: 'The model provider is rate limiting requests',
  },
};

/** Of the list of models; `until` in Unix milliseconds. */
export function modelsLimited(until: number): Refusal {
  return { status: 429, body: { error: 'Rate limit exceeded' }, headers: { 'X-RateLimit-Reset': String(until) } };
}

export const INTERNAL_ERROR: Refusal = { status: 500, body: { error: 'Internal server error' } };

export const NOT_CHARGED: Refusal = {
  status: 500,
  body: { error: 'Internal server error', message: 'The model did not answer; no charge was made.' },
};

/** Each of these words has some client repeat the request, wait, or use its provider no more. */
export const STEERING: Refusal = {
  status: 500,
  body: {
    error: 'Internal server error: timed out, rate limit of 60 requests per minute, retry after 1 second',
    details: 'insufficient balance, payment required, unauthorized, terminated, overloaded',
  },
};

export const NOT_FOUND: Refusal = { status: 404, body: { error: 'Not found' } };

/** What the faults `error-…` answer to an ask. */
export const ASK_REFUSALS: Readonly<Record<string, Refusal>> = {
  'error-400': badRequest(['messages', '0', 'content'], 'Unsupported content'),
  'error-401': { status: 401, body: { error: 'Unauthorized' } },
  'error-403': { status: 403, body: { error: 'Content policy violation', details: 'The provider refused the content' } },
  'error-404': NOT_FOUND,
  'error-429': RATE_LIMITED,
  'error-500': INTERNAL_ERROR,
  'error-503': { status: 503, body: { error: 'Service unavailable', details: 'All providers are busy' } },
};
