/** Everything that the stand-in can do wrong on demand. The key is the name, the text says what the caller then sees. */
export const FAULTS = {
  // Before a payment.
  'quote-missing-header': 'the 402 carries its challenge in the body only',
  'quote-unreadable': 'the PAYMENT-REQUIRED header is not base64 of JSON',
  'quote-foreign-asset': 'the offer asks for another token than USDC',
  'quote-foreign-network': 'the offer is on a chain that is not Base',
  'quote-foreign-payee': 'the offer pays someone else',
  'quote-huge': 'the offer asks for $1000',
  'quote-zero': 'the offer asks for nothing',
  'quote-v1': 'the challenge is x402 version 1, in the body',
  'quote-long-validity': 'the offer wants a signature that is valid for ten years',
  'quote-many-offers': 'a foreign offer first, then a dearer good one, then the right one',
  'quote-jump': 'the price doubles between the ask and the paid request',
  'error-400': 'the ask is refused as invalid',
  'error-401': 'the ask is refused as unauthorized',
  'error-403': 'the ask is refused by content policy',
  'error-404': 'the ask meets no such route',
  'error-429': 'the ask is refused for 60 seconds',
  'error-500': 'the ask fails inside the seller',
  'error-503': 'the seller is overloaded',
  'hang-before-quote': 'the ask is never answered',
  'reset-before-quote': 'the connection of the ask is reset',
  // After a payment was sent.
  'paid-insufficient-funds': 'verification says that the wallet is too poor; not settled',
  'paid-429': 'the model is rate limited; not settled',
  'paid-500': 'the model fails; not settled',
  'paid-500-not-charged': 'the model fails and the text says that no charge was made; not settled',
  'paid-500-steering': 'the model fails in words that have clients repeat, wait or lock the proxy out; not settled',
  'paid-524-settled': 'the edge gives up with its 524 page, but the payment settles',
  'paid-500-settled': 'the payment settles, as on Solana beside the model, and the model fails',
  'paid-lies-not-charged': 'the payment settles, and the answer says that no charge was made',
  'paid-replayed': 'the payment settles, the seller presents it once more, and answers what that gets: already used',
  'paid-settlement-failed': 'the answer is there but its settlement fails; not settled',
  'paid-hang': 'the payment settles and no answer ever comes',
  'paid-reset': 'the connection is reset before settling',
  'paid-drop-after-settle': 'the payment settles, then the connection closes with no answer',
  'paid-truncated-body': 'the payment settles, then the body ends before its content-length',
  'paid-error-in-200': 'the payment settles and the 200 holds an error object',
  'paid-not-json': 'the payment settles and the 200 holds a web page',
  'paid-no-receipt': 'the payment settles and the answer has no receipt',
  'paid-old-receipt-name': 'the receipt comes as X-PAYMENT-RESPONSE',
  'paid-receipt-other-amount': 'the receipt names ten times the amount that was taken',
  'paid-receipt-failed': 'the answer comes with a receipt that says success: false; not settled',
  'paid-free-fallback': 'a free model answers instead and says so in headers; not settled',
  // In a stream.
  'stream-cut': 'the connection is cut after a few tokens; settles',
  'stream-error': 'an error event comes after a few tokens; settles',
  'stream-error-first': 'an error event is the first event; settles',
  'stream-no-done': 'the stream ends with finish_reason but without [DONE]; settles',
  'stream-no-finish': 'the stream ends cleanly after its last token, without finish_reason, usage and [DONE]; settles',
  'stream-cut-late': 'the connection is cut after the first finish reason; settles',
  'stream-usage-beside': 'the usage comes beside the last finish reason and not in a chunk of its own; otherwise a good stream',
  'stream-usage-null': 'every chunk before the usage says usage: null; otherwise a good stream',
  'stream-lines': 'the JSON of every event stands on several lines; otherwise a good stream',
  'stream-as-json': 'stream: true is ignored and JSON comes',
  'stream-crlf-split': 'CRLF line ends, comment lines, and characters cut in two by the writes; otherwise a good stream',
} as const;

export type Fault = keyof typeof FAULTS;

export function isFault(name: unknown): name is Fault {
  return typeof name === 'string' && Object.hasOwn(FAULTS, name);
}
