import type { OutgoingHttpHeaders } from 'node:http';
import type { PaymentRequirements } from '@x402/core/types';
import { NETWORK, USDC } from '../base.js';
import type { Fault } from './faults.js';
import { usd, type Price } from './pricing.js';
import type { Refusal } from './refusals.js';

export type Offer = PaymentRequirements;

/** At the ask the price is quoted; at the pay it is worked out again, for nothing binds the seller to its first quote. */
export type Moment = 'ask' | 'pay';

const EURC = '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42';
const POLYGON = { network: 'eip155:137', asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359' } as const;
const FOREIGN_PAYEE = '0x0000000000000000000000000000000000000bad';
const TEN_YEARS_SECONDS = 315_360_000;

export function offersFor(price: Price, payTo: string, moment: Moment, fault: Fault | undefined): readonly Offer[] {
  const offer: Offer = {
    scheme: 'exact',
    network: NETWORK,
    amount: price.totalMicroUsd.toString(),
    asset: USDC,
    payTo,
    maxTimeoutSeconds: 300,
    extra: { name: 'USD Coin', version: '2' },
  };
  const falsified = fault === undefined ? undefined : FALSE_OFFERS[fault];
  return falsified?.(offer, moment) ?? [offer];
}

/** What the faults that change an offer make of the right one. */
const FALSE_OFFERS: { readonly [Name in Fault]?: (offer: Offer, moment: Moment) => Offer[] } = {
  'quote-foreign-asset': (offer) => [{ ...offer, asset: EURC, extra: { name: 'EURC', version: '2' } }],
  'quote-foreign-network': (offer) => [{ ...offer, ...POLYGON }],
  'quote-foreign-payee': (offer) => [{ ...offer, payTo: FOREIGN_PAYEE }],
  'quote-huge': (offer) => [{ ...offer, amount: '1000000000' }],
  'quote-zero': (offer) => [{ ...offer, amount: '0' }],
  'quote-long-validity': (offer) => [{ ...offer, maxTimeoutSeconds: TEN_YEARS_SECONDS }],
  'quote-many-offers': (offer) => [{ ...offer, ...POLYGON }, times(offer, 3n), offer],
  'quote-jump': (offer, moment) => [moment === 'ask' ? offer : times(offer, 2n)],
};

function times(offer: Offer, factor: bigint): Offer {
  return { ...offer, amount: (BigInt(offer.amount) * factor).toString() };
}

export interface Quote {
  readonly price: Price;
  readonly offers: readonly Offer[];
  /** The address of the resource that is sold. */
  readonly resourceUrl: string;
}

/** The 402. Its body states the price without the fee, as the real one does: only the offers say what is charged. */
export function challenge({ price, offers, resourceUrl }: Quote, fault: Fault | undefined): Refusal {
  const resource = { url: resourceUrl, description: 'BlockRun chat completion', mimeType: 'application/json' };
  const extensions = { 'builder-code': { info: { a: 'sandbox' } } };
  const required = { x402Version: 2, accepts: offers, resource, extensions };
  const body = priceBody(price);
  if (fault === 'quote-v1')
    return { status: 402, body: { ...body, x402Version: 1, accepts: offers.map((offer) => versionOne(offer, resource)) } };
  if (fault === 'quote-missing-header') return { status: 402, body: { ...body, ...required } };
  const header = fault === 'quote-unreadable' ? '%%% not a challenge %%%' : Buffer.from(JSON.stringify(required)).toString('base64');
  const headers: OutgoingHttpHeaders = { 'PAYMENT-REQUIRED': header };
  return { status: 402, body, headers };
}

function priceBody(price: Price) {
  const breakdown = { inputCost: usd(price.inputMicroUsd), outputCost: usd(price.outputMicroUsd), margin: '0%' };
  return {
    error: 'Payment Required',
    message: 'This endpoint requires x402 payment',
    price: { amount: usd(price.baseMicroUsd), currency: 'USD', breakdown },
    paymentInfo: { network: 'base', asset: 'USDC', x402Version: 2 },
  };
}

function versionOne({ amount, ...offer }: Offer, resource: { url: string; description: string; mimeType: string }) {
  const { url, description, mimeType } = resource;
  return { ...offer, network: 'base', maxAmountRequired: amount, resource: url, description, mimeType };
}
