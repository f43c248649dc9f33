import { isDeepStrictEqual } from 'node:util';
import type { PaymentPayload } from '@x402/core/types';
import type { Address, Hex } from 'viem';
import type { Offer } from './challenge.js';
import { verificationFailed, type Refusal } from './refusals.js';

export interface Payment {
  readonly payload: PaymentPayload;
  readonly offer: Offer;
  readonly amountMicroUsd: bigint;
  readonly payer: Address;
  readonly nonce: Hex;
}

/**
 * What the seller checks of a PAYMENT-SIGNATURE header by itself, before it asks the facilitator: base64 of JSON, version 2, the
 * accepted offer is one that it would quote now, and the signed value is that offer's amount.
 */
export function readPayment(header: string, offers: readonly Offer[]): Payment | Refusal {
  const payload = decode(header);
  const authorization = payload?.payload?.['authorization'] as Record<string, unknown> | undefined;
  const { from: payer, nonce, value } = authorization ?? {};
  if (payload === undefined || payload.x402Version !== 2) return verificationFailed({ invalidReason: 'invalid_x402_version' });
  if (typeof payer !== 'string' || typeof nonce !== 'string' || typeof value !== 'string' || !/^\d{1,30}$/.test(value)) {
    return verificationFailed({ invalidReason: 'invalid_payload' });
  }
  const accepted: unknown = payload.accepted;
  const offer = offers.find((candidate) => isDeepStrictEqual(candidate, accepted));
  if (offer === undefined) {
    return verificationFailed({ invalidReason: 'invalid_payment_requirements', invalidMessage: 'not the current price', payer });
  }
  if (BigInt(value) !== BigInt(offer.amount)) {
    const invalidMessage = `authorized ${value}, required ${offer.amount}`;
    return verificationFailed({ invalidReason: 'invalid_exact_evm_authorization_value_mismatch', invalidMessage, payer });
  }
  return { payload, offer, amountMicroUsd: BigInt(value), payer: payer as Address, nonce: nonce as Hex };
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
