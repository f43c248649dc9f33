import { BASE_USDC, type Offer } from './offer.js';
import type { SignedPayment } from './payer.js';

/**
 * The header that carries a payment: `PAYMENT-SIGNATURE` (x402 v2, transport http, section "Payment Payload") or `X-PAYMENT` (v1), with
 * the offer as the seller sent it. Extensions are not echoed: none is needed, and they are not part of what is signed.
 */
export function paymentHeader(offer: Offer, { signature, authorization }: SignedPayment): [name: string, value: string] {
  const payload = { signature, authorization };
  return offer.x402Version === 2
    ? ['payment-signature', encode({ x402Version: 2, resource: offer.resource, accepted: offer.accepted, payload })]
    : ['x-payment', encode({ x402Version: 1, scheme: 'exact', network: BASE_USDC.networkNameV1, payload })];
}

function encode(payment: unknown): string {
  return Buffer.from(JSON.stringify(payment)).toString('base64');
}
