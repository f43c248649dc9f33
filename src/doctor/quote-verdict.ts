import type { Configuration } from '../configuration/configuration.js';
import { USDC } from '../money/usdc.js';
import type { Challenge } from '../payment/offer.js';
import { chooseOffer, resourceOf, type Verdict } from '../payment/spend-policy.js';
import type { Probe } from './seller-probe.js';

export type QuoteLimits = Pick<Configuration, 'chatUrl' | 'maxPerRequestMicroUsd' | 'maxPriceFactor' | 'paymentNetwork'>;

/** What the proxy would make of the seller's quote, by the rules by which it pays; `payees` undefined: whoever is to be paid. */
export function verdictOn(
  { challenge, probe }: { challenge: Challenge; probe: Probe },
  { chatUrl, maxPerRequestMicroUsd, maxPriceFactor: factor, paymentNetwork }: QuoteLimits,
  payees: readonly string[] | undefined,
): Verdict {
  const { estimateMicroUsd } = probe;
  return chooseOffer(challenge, {
    token: USDC[paymentNetwork],
    payer: undefined,
    holdMicroUsd: maxPerRequestMicroUsd,
    payees,
    resource: resourceOf(chatUrl.href) ?? '',
    plausible: estimateMicroUsd === undefined ? undefined : { estimateMicroUsd, factor },
  });
}
