import type { SignedAuthorization } from '../money/authorization.js';
import { comparable } from '../money/usdc.js';
import { type BaseOffer, MAX_VALIDITY_SECONDS } from './offer.js';
import type { SignedTransfer } from './payer.js';
import { refusedSignature } from './refused-signature.js';

/**
 * Compares what was signed with the offer, field by field, whoever signed it; returns it for the ledger.
 * @throws CodedError payer_failed, naming every field that differs: the signature must then not leave the process
 */
export function checkAuthorization(payment: SignedTransfer, facts: { offer: BaseOffer; payer: string; now: Date }): SignedAuthorization {
  const { offer, payer, now } = facts;
  const { authorization, signature } = payment;
  const nowSeconds = Math.floor(now.getTime() / 1000);
  const faults = Object.entries({
    signature: /^0x[0-9a-fA-F]{130}$/.test(signature),
    from: sameAddress(authorization?.from, payer),
    to: sameAddress(authorization?.to, offer.payee),
    value: authorization?.value === offer.amountMicroUsd.toString(),
    validAfter: isWhole(authorization?.validAfter) && Number(authorization.validAfter) <= nowSeconds,
    validBefore: isWhole(authorization?.validBefore) && isWithinValidity(Number(authorization.validBefore) - nowSeconds, offer),
    nonce: /^0x[0-9a-fA-F]{64}$/.test(authorization?.nonce),
  }).flatMap(([field, holds]) => (holds ? [] : [field]));
  if (faults.length > 0) throw refusedSignature(faults);
  return {
    network: offer.network,
    asset: offer.asset,
    payer,
    payee: offer.payee,
    amountMicroUsd: offer.amountMicroUsd,
    nonce: authorization.nonce,
    validBefore: BigInt(authorization.validBefore),
  };
}

function isWithinValidity(secondsLeft: number, { validitySeconds }: BaseOffer): boolean {
  // One second more: the signer's clock may have ticked between signing and this check.
  return secondsLeft > 0 && secondsLeft <= Math.min(validitySeconds, MAX_VALIDITY_SECONDS) + 1;
}

function isWhole(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,12}$/.test(text);
}

function sameAddress(one: string | undefined, other: string): boolean {
  return one !== undefined && comparable(one) === comparable(other);
}
