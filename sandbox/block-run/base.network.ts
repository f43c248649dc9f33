import { getAddress, numberToHex } from 'viem';
import { NETWORK, USDC } from '../base.js';
import { SOLANA_FOREIGN_PAYEE, SOLANA_NETWORK, SOLANA_TREASURY, SOLANA_USDC } from '../solana/mainnet.js';
import { FALSE_EVERYWHERE, times, type PaymentNetwork } from './payment-network.js';
import { verificationFailed } from './refusals.js';

/** Where sales go in the sandbox: an address that is plainly nobody's. */
export const TREASURY = getAddress('0xb10c000000000000000000000000000000000402');

const EURC = '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42';
const POLYGON = { network: 'eip155:137', asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359' } as const;
const SOLANA_TERMS = {
  network: SOLANA_NETWORK,
  asset: SOLANA_USDC,
  payTo: SOLANA_TREASURY,
  extra: { feePayer: SOLANA_FOREIGN_PAYEE },
} as const;
const FOREIGN_PAYEE = '0x0000000000000000000000000000000000000bad';

/** A call that fails costs nothing: settlement comes after the model. */
export const BASE: PaymentNetwork = {
  id: NETWORK,
  name: 'base',
  treasury: TREASURY,
  settlesBeside: false,
  reasons: {
    otherAmount: 'invalid_exact_evm_authorization_value_mismatch',
    used: { invalidReason: 'invalid_exact_evm_nonce_already_used', invalidMessage: 'authorization already used' },
  },
  offer: (amountMicroUsd, payTo) => ({
    scheme: 'exact',
    network: NETWORK,
    amount: amountMicroUsd.toString(),
    asset: USDC,
    payTo,
    maxTimeoutSeconds: 300,
    extra: { name: 'USD Coin', version: '2' },
  }),
  falseOffers: {
    ...FALSE_EVERYWHERE,
    'quote-foreign-asset': (offer) => [{ ...offer, asset: EURC, extra: { name: 'EURC', version: '2' } }],
    'quote-foreign-network': (offer) => [{ ...offer, ...POLYGON }],
    'quote-foreign-payee': (offer) => [{ ...offer, payTo: FOREIGN_PAYEE }],
    'quote-other-chain': (offer) => [{ ...offer, ...SOLANA_TERMS }],
    'quote-many-offers': (offer) => [{ ...offer, ...POLYGON }, times(offer, 3n), offer],
  },
  read(payload) {
    const authorization = payload.payload?.['authorization'] as Record<string, unknown> | undefined;
    const { from: payer, nonce, value } = authorization ?? {};
    if (typeof payer !== 'string' || typeof nonce !== 'string' || typeof value !== 'string' || !/^\d{1,30}$/.test(value)) return undefined;
    return { payer, nonce, amountMicroUsd: BigInt(value) };
  },
  refusal: verificationFailed,
  countedTransaction: (count) => numberToHex(count, { size: 32 }),
};
