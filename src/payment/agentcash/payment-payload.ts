/**
 * The `payload` in a `PAYMENT-SIGNATURE` header (x402 v2, transport http, "Payment Payload"), not yet known to be of any form; what stands
 * beside it is not read. Undefined without one.
 */
export function readPaymentPayload(header: string | string[]): unknown {
  try {
    return (JSON.parse(Buffer.from(String(header), 'base64').toString('utf8')) as { payload?: unknown }).payload;
  } catch {
    return undefined; // no base64 JSON, or null where an object should be
  }
}
