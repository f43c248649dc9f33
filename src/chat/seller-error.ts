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

/** Signed, and no verdict: whatever comes next, the client must not be led to buy again by itself. */
function unresolvedError(purchase: Purchase, fault: AnswerFault, cause?: unknown): CodedError {
  const amount = displayUsd(purchase.signed?.hold.amountMicroUsd ?? 0n);
  const booked = purchase.receipt
    ? `The payment of ${amount} is settled (${purchase.receipt.transaction})`
    : `Whether the ${amount} were taken is not known; they keep counting until there is proof`;
  const says = (reason: string) => `The seller was paid and gave no whole answer (${reason}). ${booked}. Sending this again buys it again.`;
  return new CodedError('payment_unresolved', says(inFull(fault)), { recorded: says(fault.reason), cause });
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
      'current quota. Add USDC on Base to it.';
    return new CodedError('wallet_underfunded', `${says} The seller said: ${message}`, { recorded: says });
  }
  if (notCharged) {
    const recorded = `The seller failed and took nothing (${status})`;
    return new CodedError('upstream_error', `${recorded}: ${message}`, { recorded, retryAfterSeconds });
  }
  return unresolvedError(purchase, { reason: String(status), said: message });
}

function unpaidRejection({ status, message, retryAfterSeconds }: Rejection): CodedError {
  const recorded = `The seller answered ${status}`;
  const says = `${recorded}: ${message}`;
  if (status === 429) return new CodedError('seller_rate_limited', says, { recorded, retryAfterSeconds: retryAfterSeconds ?? 1 });
  if (status === 400 || status === 404) return new CodedError('seller_rejected', says, { recorded, sellerStatus: status });
  return new CodedError('upstream_error', `${says}. Nothing was paid.`, { recorded, retryAfterSeconds });
}
