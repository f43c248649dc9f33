import { formatUsd, type MicroUsd } from '../../money/micro-usd.js';
import type { Offer } from '../offer.js';
import type { Rail } from './rail.js';

/** What AgentCash is asked to do: fetch the path of the signing endpoint, and pay what is asked there. */
export interface AgentCashOrder {
  readonly url: string;
  /** The most that it may pay, in USD: exactly the price. Its own comparison is one of floats, made of the same digits. */
  readonly maxUsd: number;
  readonly paymentNetwork: Rail['name'];
}

export function orderFor({ amountMicroUsd }: Offer, url: string, paymentNetwork: Rail['name']): AgentCashOrder {
  return { url, maxUsd: Number(formatUsd(atLeastOne(amountMicroUsd))), paymentNetwork };
}

/** It takes no cap of 0. */
function atLeastOne(amount: MicroUsd): MicroUsd {
  return amount > 0n ? amount : 1n;
}
