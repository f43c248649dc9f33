/**
 * Every way in which this proxy refuses or fails, by a stable code that clients, logs and the audit share.
 * What each means over HTTP is decided in one place: `http/error-table.ts`.
 */
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_request'
  | 'idempotency_key_reused'
  | 'request_too_large'
  | 'unsupported_content_type'
  | 'foreign_host'
  | 'foreign_origin'
  | 'invalid_token'
  | 'not_found'
  | 'model_not_found'
  | 'daily_limit_reached'
  | 'minute_limit_reached'
  | 'concurrency_limit_reached'
  | 'budget_in_flight'
  | 'price_above_maximum'
  | 'price_implausible'
  | 'wallet_underfunded'
  | 'challenge_unreadable'
  | 'offer_refused'
  | 'payee_refused'
  | 'payer_failed'
  | 'payer_unavailable'
  | 'seller_rejected'
  | 'seller_rate_limited'
  | 'upstream_error'
  | 'payment_unresolved'
  | 'client_closed_request'
  | 'shutting_down'
  | 'spending_stopped'
  | 'clock_unreliable'
  | 'ledger_unavailable'
  | 'audit_unavailable'
  | 'chain_unavailable'
  | 'service_unavailable'
  | 'internal_error';

export interface CodedErrorDetails {
  /** The request field at fault, as a path: `messages[2].role`. */
  param?: string;
  retryAfterSeconds?: number | undefined;
  /**
   * What the seller said, kept apart from the message where the payment has left: clients decide by the words of a message whether to
   * send a request again, and a seller's words must not have them buy again.
   */
  sellerMessage?: string | undefined;
  /** The HTTP status that the seller itself answered with, where the table says that it is kept. */
  sellerStatus?: number;
  /** What the books say of it, where the message quotes the seller: its words could repeat a prompt or a signature. */
  recorded?: string;
  cause?: unknown;
}

/** A refusal or fault with a stable code. The message says what happened and what to do; it never holds a prompt, key or signature. */
export class CodedError extends Error {
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly sellerStatus: number | undefined;
  /** For the audit and the ledger: the message, without the words of others. */
  readonly recorded: string;
  readonly sellerMessage: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: CodedErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CodedError';
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.sellerStatus = details.sellerStatus;
    this.recorded = details.recorded ?? message;
    this.sellerMessage = details.sellerMessage;
  }
}
