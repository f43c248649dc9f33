import type { OutgoingHttpHeaders } from 'node:http';
import type { Fault } from './faults.js';
import type { Moment, Offer, PaymentNetwork } from './payment-network.js';
import { usd, type Price } from './pricing.js';
import type { Refusal } from './refusals.js';

export function offersFor(network: PaymentNetwork, amountMicroUsd: bigint, payTo: string, told: Told): readonly Offer[] {
  const offer = network.offer(amountMicroUsd, payTo);
  const falsified = told.fault === undefined ? undefined : network.falseOffers[told.fault]?.(offer, told.moment);
  return falsified ?? [offer];
}

/** When an offer is made, and what is to be wrong with it. */
export interface Told {
  readonly moment: Moment;
  readonly fault: Fault | undefined;
}

export interface Quote {
  /** What the seller calls the chain that it is paid on. */
  readonly networkName: string;
  readonly price: Price;
  readonly offers: readonly Offer[];
  /** The address of the resource that is sold. */
  readonly resourceUrl: string;
}

/** The 402. Its body states the price without the fee, as the real one does: only the offers say what is charged. */
export function challenge({ networkName, price, offers, resourceUrl }: Quote, fault: Fault | undefined): Refusal {
  const resource = { url: resourceUrl, description: 'BlockRun chat completion', mimeType: 'application/json' };
  const extensions = { 'builder-code': { info: { a: 'sandbox' } } };
  const required = { x402Version: 2, accepts: offers, resource, extensions };
  const body = priceBody(price, networkName);
  if (fault === 'quote-v1')
    return { status: 402, body: { ...body, x402Version: 1, accepts: offers.map((offer) => versionOne(offer, networkName, resource)) } };
  if (fault === 'quote-missing-header') return { status: 402, body: { ...body, ...required } };
  const header = fault === 'quote-unreadable' ? '%%% not a challenge %%%' : Buffer.from(JSON.stringify(required)).toString('base64');
  const headers: OutgoingHttpHeaders = { 'PAYMENT-REQUIRED': header };
  return { status: 402, body, headers };
}

function priceBody(price: Price, networkName: string) {
  const breakdown = { inputCost: usd(price.inputMicroUsd), outputCost: usd(price.outputMicroUsd), margin: '0%' };
  return {
    error: 'Payment Required',
    message: 'This endpoint requires x402 payment',
    price: { amount: usd(price.baseMicroUsd), currency: 'USD', breakdown },
    paymentInfo: { network: networkName, asset: 'USDC', x402Version: 2 },
  };
}

function versionOne({ amount, ...offer }: Offer, network: string, resource: { url: string; description: string; mimeType: string }) {
  const { url, description, mimeType } = resource;
  return { ...offer, network, maxAmountRequired: amount, resource: url, description, mimeType };
}
