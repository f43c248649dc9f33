import type { SignedPayment } from '../payer.js';

const FIELDS = ['from', 'to', 'value', 'validAfter', 'validBefore', 'nonce'] as const;

/**
 * The signed authorization in a `PAYMENT-SIGNATURE` header (x402 v2, transport http, "Payment Payload"). Only `payload` is read, and of it only
 * the fields of an EIP-3009 authorization: what else is there, such as a permit for another contract, is dropped. Undefined without one.
 */
export function readPaymentPayload(header: string | string[]): SignedPayment | undefined {
  try {
    const { payload } = JSON.parse(Buffer.from(String(header), 'base64').toString('utf8')) as { payload?: Partial<SignedPayment> };
    const { signature, authorization } = payload ?? {};
    if (typeof signature !== 'string' || !authorization || FIELDS.some((field) => typeof authorization[field] !== 'string'))
      return undefined;
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    return { signature, authorization: { from, to, value, validAfter, validBefore, nonce } };
  } catch {
    return undefined; // no base64 JSON, or null where an object should be
  }
}
