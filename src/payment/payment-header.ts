import { usdcOn } from '../money/usdc.js';
import type { Offer } from './offer.js';
import type { SignedPayment } from './payer.js';

/**
 * The header that carries a payment: `PAYMENT-SIGNATURE` (x402 v2, transport http, section "Payment Payload") or `X-PAYMENT` (v1), with
 * the offer as the seller sent it. Extensions are not echoed: none is needed, and they are not part of what is signed.
 */
export function paymentHeader({ x402Version, network, resource, accepted }: Offer, signed: SignedPayment): [name: string, value: string] {
  const payload = payloadOf(signed);
  if (x402Version === 2) return ['payment-signature', encode({ x402Version, resource, accepted, payload })];
  return ['x-payment', encode({ x402Version, scheme: 'exact', network: usdcOn(network).networkNameV1, payload })];
}

/** Only what the scheme has a place for. */
function payloadOf(signed: SignedPayment): object {
  if ('transaction' in signed) return { transaction: signed.transaction };
  const { signature, authorization } = signed;
  return { signature, authorization };
}

function encode(payment: unknown): string {
  return Buffer.from(JSON.stringify(payment)).toString('base64');
}
