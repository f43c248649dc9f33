import type { Purchase } from '../budget/purchase.js';
import { CodedError } from '../errors/coded-error.js';
import { displayUsd } from '../money/micro-usd.js';
import type { Rejection } from '../payment/seller.js';

/** The seller gave no usable answer: what that means depends on whether it may have been paid. */
export function noAnswerError(purchase: Purchase, reason: string): CodedError {
  return purchase.signed ? unresolvedError(purchase, reason) : unpaidFault(reason);
}

/** Nothing had been signed: asking again is free. */
function unpaidFault(reason: string): CodedError {
  return new CodedError('upstream_error', `The seller gave no usable answer (${reason}). Nothing was paid; trying again is safe.`);
}

/** Signed, and no verdict: whatever comes next, the client must not be led to buy again by itself. */
function unresolvedError(purchase: Purchase, reason: string, cause?: unknown): CodedError {
  const amount = displayUsd(purchase.signed?.hold.amountMicroUsd ?? 0n);
  const booked = purchase.receipt
    ? `The payment of ${amount} is settled (${purchase.receipt.transaction})`
    : `Whether the ${amount} were taken is not known; they keep counting until there is proof`;
  const message = `The seller was paid and gave no whole answer (${reason}). ${booked}. Sending this again buys it again.`;
  return new CodedError('payment_unresolved', message, { cause });
}

/** A fault of the proxy itself. It must not look like one that is worth a repeat when the seller may have been paid. */
export function unexpectedFault(purchase: Purchase, cause: unknown): CodedError {
  if (purchase.signed) return unresolvedError(purchase, 'the proxy failed, see its log', cause);
  return new CodedError('internal_error', 'The proxy failed. See its log. Nothing was paid.', { cause });
}

/** The seller answered with an error. */
export function rejectionError(rejection: Rejection, purchase: Purchase): CodedError {
  const { status, message, notCharged, walletTooLow, retryAfterSeconds } = rejection;
  if (!purchase.signed) return unpaidRejection(rejection);
  if (walletTooLow) {
    return new CodedError(
      'wallet_underfunded',
      `The wallet cannot cover the ${displayUsd(purchase.signed.hold.amountMicroUsd)} that this request costs, so it exceeds your current quota. ` +
        `Add USDC on Base to it. The seller said: ${message}`,
    );
  }
  if (notCharged)
    return new CodedError('upstream_error', `The seller failed and took nothing (${status}): ${message}`, { retryAfterSeconds });
  return unresolvedError(purchase, `${status}: ${message}`);
}

function unpaidRejection({ status, message, retryAfterSeconds }: Rejection): CodedError {
  const says = `The seller answered ${status}: ${message}`;
  if (status === 429) return new CodedError('seller_rate_limited', says, { retryAfterSeconds: retryAfterSeconds ?? 1 });
  if (status === 400 || status === 404) return new CodedError('seller_rejected', says, { sellerStatus: status });
  return new CodedError('upstream_error', `${says}. Nothing was paid.`, { retryAfterSeconds });
}
