import { decodePaymentResponseHeader } from '@x402/core/http';
import type { PaymentProof } from './seller.js';

/** A hash on Base, or on Solana the signature of its fee payer in base58. */
const TRANSACTION = /^(0x[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{64,88})$/;

type Headers = Record<string, string | string[] | undefined>;

/**
 * Reads the seller's proof: `PAYMENT-RESPONSE` (x402 v2) or `X-PAYMENT-RESPONSE` (v1). An amount in it is not believed: the cost is what
 * was signed. A receipt that cannot be read proves nothing and is as good as none.
 */
export function readProof(headers: Headers): PaymentProof {
  if (headers['x-settlement-skipped']) return { notTaken: `the seller skipped the settlement (${word(headers['x-settlement-skipped'])})` };
  const header = text(headers['payment-response']) ?? text(headers['x-payment-response']);
  const receipt = header === undefined ? undefined : decode(header);
  if (!receipt) return {};
  if (receipt.success !== true) return { notTaken: `the seller's receipt says that the settlement failed (${word(receipt.errorReason)})` };
  const { transaction } = receipt;
  if (typeof transaction !== 'string' || !TRANSACTION.test(transaction)) return {};
  return { receipt: { transaction } };
}

function decode(header: string): Record<string, unknown> | undefined {
  try {
    const receipt: unknown = decodePaymentResponseHeader(header);
    return typeof receipt === 'object' && receipt !== null ? (receipt as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not base64 JSON: as good as no receipt
  }
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** A word that stands for a reason, such as `insufficient_funds`. It goes into the books, so nothing else may: not a sentence, not a signature. */
function word(value: unknown): string {
  return typeof value === 'string' && /^[a-z][\w-]{0,47}$/i.test(value) ? value : 'no reason given';
}
