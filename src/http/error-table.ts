import type { ErrorCode } from '../errors/coded-error.js';

/** How a code is told over HTTP. */
export interface ErrorRow {
  status: number;
  /** The `type` of OpenAI's error object. */
  type: 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'rate_limit_error' | 'api_error';
  /** Sent as `x-should-retry`, which the OpenAI SDKs obey; undefined leaves it to the status. */
  shouldRetry?: false;
}

/**
 * The one place where codes become statuses. A status that invites clients to repeat (429, 5xx) stands only where a repeat costs nothing
 * or the text stops it; what was signed and has no verdict is a 400, which neither OpenClaw nor the SDKs send again.
 */
export const errorTable: Record<ErrorCode, ErrorRow> = {
  invalid_json: { status: 400, type: 'invalid_request_error' },
  invalid_request: { status: 400, type: 'invalid_request_error' },
  idempotency_key_reused: { status: 400, type: 'invalid_request_error', shouldRetry: false },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  unsupported_content_type: { status: 415, type: 'invalid_request_error' },
  foreign_host: { status: 403, type: 'permission_error', shouldRetry: false },
  foreign_origin: { status: 403, type: 'permission_error', shouldRetry: false },
  invalid_token: { status: 401, type: 'authentication_error', shouldRetry: false },
  not_found: { status: 404, type: 'invalid_request_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  daily_limit_reached: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  // A loop is to stop there, not to be slowed down: neither this nor the daily limit is repeated by clients.
  minute_limit_reached: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  concurrency_limit_reached: { status: 429, type: 'rate_limit_error' },
  budget_in_flight: { status: 429, type: 'rate_limit_error' },
  price_above_maximum: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  price_implausible: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  wallet_underfunded: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  challenge_unreadable: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  offer_refused: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  payee_refused: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  payer_failed: { status: 400, type: 'api_error', shouldRetry: false },
  payer_unavailable: { status: 503, type: 'api_error' },
  seller_rejected: { status: 400, type: 'invalid_request_error', shouldRetry: false },
  seller_rate_limited: { status: 429, type: 'rate_limit_error' },
  upstream_error: { status: 502, type: 'api_error' },
  payment_unresolved: { status: 400, type: 'api_error', shouldRetry: false },
  client_closed_request: { status: 499, type: 'api_error' },
  shutting_down: { status: 503, type: 'api_error' },
  spending_stopped: { status: 429, type: 'rate_limit_error', shouldRetry: false },
  clock_unreliable: { status: 503, type: 'api_error', shouldRetry: false },
  ledger_unavailable: { status: 503, type: 'api_error', shouldRetry: false },
  audit_unavailable: { status: 503, type: 'api_error', shouldRetry: false },
  chain_unavailable: { status: 503, type: 'api_error', shouldRetry: false },
  service_unavailable: { status: 503, type: 'api_error', shouldRetry: false },
  internal_error: { status: 500, type: 'api_error', shouldRetry: false },
};
