import type { Purchase } from '../budget/purchase.js';
import { CodedError } from '../errors/coded-error.js';
import { displayUsd } from '../money/micro-usd.js';
import type { Rejection } from '../payment/seller.js';

/** Why the seller's answer is no use, in our words, and what the seller itself said: that is for the client, and not for the books. */
export interface AnswerFault {
  reason: string;
  said?: string;
}

/** The seller gave no usable answer: what that means depends on whether it may have been paid. */
export function noAnswerError(purchase: Purchase, fault: AnswerFault): CodedError {
  return purchase.signed ? unresolvedError(purchase, fault) : unpaidFault(fault);
}

/** Nothing had been signed: asking again is free. */
function unpaidFault(fault: AnswerFault): CodedError {
  const says = (reason: string) => `The seller gave no usable answer (${reason}). Nothing was paid; trying again is safe.`;
  return new CodedError('upstream_error', says(inFull(fault)), { recorded: says(fault.reason) });
}

/**
 * Signed, and no verdict: whatever comes next, the client must not be led to buy again by itself. OpenClaw goes by the words: it sends a
 * 400 again that says "timeout" or "internal server error", and shows one that speaks of a daily usage limit to its user, once.
 */
function unresolvedError(purchase: Purchase, fault: AnswerFault, cause?: unknown): CodedError {
  const amount = displayUsd(purchase.signed?.hold.amountMicroUsd ?? 0n);
  const booked = purchase.receipt
    ? `The payment of ${amount} is settled and counts`
    : `Whether the ${amount} were taken is not known; until there is proof they count`;
  const message = `The seller was paid and gave no whole answer. ${booked} towards your quota (daily usage limit). Sending this again buys it again.`;
  const recorded = `The seller was paid and gave no whole answer (${fault.reason}). ${booked}.`;
  return new CodedError('payment_unresolved', message, { recorded, cause, sellerMessage: inFull(fault) });
}

function inFull({ reason, said }: AnswerFault): string {
  return said === undefined ? reason : `${reason}: ${said}`;
}

/** A fault of the proxy itself. It must not look like one that is worth a repeat when the seller may have been paid. */
export function unexpectedFault(purchase: Purchase, cause: unknown): CodedError {
  if (purchase.signed) return unresolvedError(purchase, { reason: 'the proxy failed, see its log' }, cause);
  return new CodedError('internal_error', 'The proxy failed. See its log. Nothing was paid.', { cause });
}

/** The seller answered with an error. */
export function rejectionError(rejection: Rejection, purchase: Purchase): CodedError {
  const { status, message, notCharged, walletTooLow, retryAfterSeconds } = rejection;
  if (!purchase.signed) return unpaidRejection(rejection);
  if (walletTooLow) {
    const says =
      `The wallet cannot cover the ${displayUsd(purchase.signed.hold.amountMicroUsd)} that this request costs, so it exceeds your ` +
      'current quota. Add USDC to it.';
    return new CodedError('wallet_underfunded', says, { sellerMessage: message });
  }
  if (notCharged) {
    const recorded = `The seller failed and took nothing (${status})`;
    return new CodedError('upstream_error', `${recorded}: ${quotable(message)}`, { recorded, retryAfterSeconds, sellerMessage: message });
  }
  return unresolvedError(purchase, { reason: String(status), said: message });
}

function unpaidRejection({ status, message: sellerMessage, retryAfterSeconds }: Rejection): CodedError {
  const recorded = `The seller answered ${status}`;
  const says = `${recorded}: ${quotable(sellerMessage)}`;
  const said = { recorded, sellerMessage };
  if (status === 429) return new CodedError('seller_rate_limited', says, { ...said, retryAfterSeconds: retryAfterSeconds ?? 1 });
  if (status === 400 || status === 404) return new CodedError('seller_rejected', says, { ...said, sellerStatus: status });
  return new CodedError('upstream_error', `${says}. Nothing was paid.`, { ...said, retryAfterSeconds });
}

/**
 * Words about somebody's money or key. They speak of the seller's own account with its suppliers; OpenClaw would take them for its user's,
 * say that the API key has run out of credits, and with a key in its configuration use this proxy no more for ten minutes.
 */
const ABOUT_AN_ACCOUNT =
  /insufficient|billing|credit|payment|quota|spend|budget|balance|subscription|usage|\bplan\b|api[_ ]?key|token (?:has )?expired|auth|forbidden|denied|\b40[123]\b/i;

function quotable(words: string): string {
  return ABOUT_AN_ACCOUNT.test(words) ? 'something about an account (see seller_message)' : words;
}
