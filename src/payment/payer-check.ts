import { checkAuthorization } from './authorization-check.js';
import { BASE_USDC, type Offer } from './offer.js';
import type { Payer } from './payer.js';

const VALIDITY_SECONDS = 60;

/**
 * Has a payer sign a transfer of nothing from its wallet to itself, checks that as any payment, and sends it to nobody.
 * @throws CodedError of the payer, or of the check
 */
export async function checkPayer(payer: Payer): Promise<void> {
  const offer: Offer = {
    x402Version: 2,
    network: BASE_USDC.network,
    asset: BASE_USDC.asset,
    payee: payer.address,
    amountMicroUsd: 0n,
    validitySeconds: VALIDITY_SECONDS,
    accepted: {},
    resource: undefined,
  };
  checkAuthorization(await payer.authorize(offer), { offer, payer: payer.address, now: new Date() });
}
