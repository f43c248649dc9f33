import { CodedError } from '../errors/coded-error.js';
import type { SignedAuthorization } from '../money/authorization.js';
import { BASE_USDC, SOLANA_USDC } from '../money/usdc.js';
import { checkAuthorization } from './authorization-check.js';
import type { Offer } from './offer.js';
import type { SignedPayment } from './payer.js';

/**
 * Compares what was signed with the offer, whoever signed it; returns it for the ledger.
 * @throws CodedError payer_failed, naming all that differs: the signature must then not leave the process
 */
export async function checkSigned(
  signed: SignedPayment,
  { offer, payer, now }: { offer: Offer; payer: string; now: Date },
): Promise<SignedAuthorization> {
  if (offer.network === BASE_USDC.network && 'authorization' in signed) return checkAuthorization(signed, { offer, payer, now });
  if (offer.network === SOLANA_USDC.network && 'transaction' in signed) {
    // Loaded where it is used: decoding Solana's transactions takes some 20 MB, which a proxy on Base does not need.
    const { checkTransaction } = await import('./solana/transaction-check.js');
    return checkTransaction(signed, { offer, payer, now });
  }
  throw new CodedError('payer_failed', 'What the wallet signed is for another network than the offer. Nothing was paid.');
}
