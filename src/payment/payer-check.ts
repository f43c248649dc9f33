import { BASE_USDC, type PaymentNetwork, SOLANA_USDC } from '../money/usdc.js';
import type { Offer } from './offer.js';
import type { Payer } from './payer.js';
import { checkSigned } from './signature-check.js';

const VALIDITY_SECONDS = 60;
/** Nobody has its key, so nobody can send what is signed for it: the address of the system program. */
const NOBODY = '11111111111111111111111111111111';

/**
 * Has a payer sign a transfer of nothing from its wallet to itself, checks that as any payment, and sends it to nobody.
 * @throws CodedError of the payer, or of the check
 */
export async function checkPayer(payer: Payer, paymentNetwork: PaymentNetwork): Promise<void> {
  const offer = offerOfNothing(payer.address, paymentNetwork);
  await checkSigned(await payer.authorize(offer), { offer, payer: payer.address, now: new Date() });
}

function offerOfNothing(payee: string, paymentNetwork: PaymentNetwork): Offer {
  const terms = {
    x402Version: 2,
    payee,
    amountMicroUsd: 0n,
    validitySeconds: VALIDITY_SECONDS,
    accepted: {},
    resource: undefined,
  } as const;
  switch (paymentNetwork) {
    case 'base':
      return { ...terms, network: BASE_USDC.network, asset: BASE_USDC.asset };
    case 'solana':
      return { ...terms, network: SOLANA_USDC.network, asset: SOLANA_USDC.asset, feePayer: NOBODY };
    default:
      return paymentNetwork satisfies never;
  }
}
