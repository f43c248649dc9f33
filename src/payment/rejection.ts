import type { Rejection } from './seller.js';

const MAX_MESSAGE_LENGTH = 300;
/** More of a body is not looked at: no word of it would reach anybody. */
const MAX_BODY_LENGTH = 8192;

/** Phrases with which BlockRun says that no money was taken. */
const NOT_CHARGED = /no payment (was )?(made|taken)|no charge was made|nothing was charged|\bnot charged\b/i;
const VERIFICATION_FAILED = /payment verification failed/i;
/** The authorization, or its nonce, was presented before: then it may have been settled, whatever else is said. */
const USED_BEFORE = /already[_ ](been[_ ])?(used|settled|processed)|\b(used|replayed|duplicate)[_ ](nonce|authorization|payment)/i;
const WALLET_TOO_LOW = /insufficient[_ ](funds|balance)/i;

/**
 * Reads an error answer of the seller: `{error: string, message?, details?, code?}` (BlockRun), `{error: {message}}` (OpenAI), or text.
 * A failed verification comes before any settlement, so it counts as "not charged", but for one that failed because the payment was
 * presented before.
 */
export function readRejection(status: number, body: string, retryAfter: string | undefined): Rejection {
  const said = `${wordsOf(body)}`.trim() || `status ${status} without a text`;
  return {
    status,
    message: said.length > MAX_MESSAGE_LENGTH ? `${said.slice(0, MAX_MESSAGE_LENGTH)}…` : said,
    notCharged: !USED_BEFORE.test(said) && (NOT_CHARGED.test(said) || (status === 402 && VERIFICATION_FAILED.test(said))),
    walletTooLow: status === 402 && WALLET_TOO_LOW.test(said),
    retryAfterSeconds: /^\d{1,5}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined,
  };
}

/** The text of an `error` object as it stands in a JSON answer or in a stream event; undefined when there is none. */
export function errorTextOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('error' in answer) || !answer.error) return undefined;
  return wordsOf(JSON.stringify(answer)).slice(0, MAX_MESSAGE_LENGTH);
}

function wordsOf(body: string): string {
  const words = /^\s*[{[]/.test(body) ? jsonWords(body) : body.slice(0, MAX_BODY_LENGTH).replace(/<[^<>]*>/g, ' ');
  return words
    .slice(0, MAX_BODY_LENGTH)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ {2,}/g, ' ');
}

function jsonWords(body: string): string {
  try {
    const { error, message, details, code, debug } = JSON.parse(body) as Record<string, unknown>;
    const inner = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : undefined;
    return [inner?.message ?? error, message, inner?.code ?? code, details ?? debug]
      .filter((part) => part !== undefined && part !== null)
      .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
      .join(': ');
  } catch {
    return body;
  }
}
