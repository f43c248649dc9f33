import { isDeepStrictEqual } from 'node:util';
import type { PaymentPayload } from '@x402/core/types';
import type { Offer, PaymentNetwork, SignedTransfer } from './payment-network.js';
import type { Refusal } from './refusals.js';

export interface Payment extends SignedTransfer {
  readonly payload: PaymentPayload;
  readonly offer: Offer;
}

/**
 * What the seller checks of a PAYMENT-SIGNATURE header by itself, before it asks the facilitator: base64 of JSON, version 2, the
 * accepted offer is one that it would quote now, and the signed value is that offer's amount.
 */
export function readPayment(header: string, offers: readonly Offer[], network: PaymentNetwork): Payment | Refusal {
  const payload = decode(header);
  if (payload === undefined || payload.x402Version !== 2) return network.refusal({ invalidReason: 'invalid_x402_version' });
  const transfer = network.read(payload);
  if (transfer === undefined) return network.refusal({ invalidReason: 'invalid_payload' });
  const { payer, amountMicroUsd } = transfer;
  const accepted: unknown = payload.accepted;
  const offer = offers.find((candidate) => isDeepStrictEqual(candidate, accepted));
  if (offer === undefined) {
    return network.refusal({ invalidReason: 'invalid_payment_requirements', invalidMessage: 'not the current price', payer });
  }
  if (amountMicroUsd !== BigInt(offer.amount)) {
    const invalidMessage = `authorized ${amountMicroUsd}, required ${offer.amount}`;
    return network.refusal({ invalidReason: network.reasons.otherAmount, invalidMessage, payer });
  }
  return { ...transfer, payload, offer };
}

function decode(header: string): (Partial<PaymentPayload> & PaymentPayload) | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(header)) return undefined;
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString()) as PaymentPayload;
  } catch {
    // Not JSON: refused like any other unreadable header.
    return undefined;
  }
}
