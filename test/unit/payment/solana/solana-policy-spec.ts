import { describe, expect, it } from '@jest/globals';
import { SOLANA_USDC } from '../../../../src/money/usdc.js';
import type { AcceptsEntry } from '../../../../src/payment/offer.js';
import { paymentHeader } from '../../../../src/payment/payment-header.js';
import { chooseOffer, type SpendLimits } from '../../../../src/payment/spend-policy.js';
import { challenge, entry, RESOURCE } from '../../../support/offers.js';
import { FEE_PAYER, OTHER_SOLANA_PAYEE, SOLANA_PAYEE, solanaEntry, solanaOffer, solanaWireEntry } from '../../../support/solana-offers.js';

const WALLET = 'GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB';
const LIMITS: SpendLimits = {
  token: SOLANA_USDC,
  payer: WALLET,
  holdMicroUsd: 50_000n,
  payees: [SOLANA_PAYEE],
  resource: RESOURCE,
  plausible: undefined,
};
const judge = (accepts: AcceptsEntry[], limits: Partial<SpendLimits> = {}) => chooseOffer(challenge(...accepts), { ...LIMITS, ...limits });

describe('an offer on Solana, where Solana is paid on', () => {
  it('is chosen with who pays its fee', () => {
    expect(judge([solanaEntry()])).toEqual({ kind: 'chosen', offer: solanaOffer() });
  });

  it('is chosen among offers on Base', () => {
    expect(judge([entry({ amount: '1' }), solanaEntry()])).toMatchObject({
      offer: { network: SOLANA_USDC.network, amountMicroUsd: 1000n },
    });
  });

  it.each<[string, Partial<AcceptsEntry>]>([
    ['another mint', { asset: 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB' }],
    ['the mint in other letters', { asset: SOLANA_USDC.asset.toLowerCase() }],
    ['a test network', { network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1' }],
    ['the name of version 1', { network: 'solana' }],
    ['an address of Base', { payee: `0x${'1'.repeat(40)}` }],
    ['nobody who pays the fee', { raw: solanaWireEntry({ extra: {} }) }],
    ['no extra', { raw: solanaWireEntry({ extra: undefined }) }],
    ['a number as who pays the fee', { raw: solanaWireEntry({ extra: { feePayer: 7 } }) }],
    ['the wallet as who pays the fee', { raw: solanaWireEntry({ extra: { feePayer: WALLET } }) }],
    ['another scheme', { scheme: 'upto' }],
  ])('with %s is refused', (_what, fields) => {
    const verdict = judge([solanaEntry(fields)]);
    expect(verdict).toMatchObject({
      kind: 'refused',
      code: 'offer_refused',
      message: expect.stringContaining('payable in USDC on Solana'),
    });
  });

  it('to another payee than the trusted one is refused, also where only its letters are larger', () => {
    for (const payee of [OTHER_SOLANA_PAYEE, SOLANA_PAYEE.toUpperCase().replaceAll(/[IO]/g, 'X')]) {
      expect(judge([solanaEntry({ payee })])).toMatchObject({ kind: 'refused', code: 'payee_refused' });
    }
  });

  it('is refused where Base is paid on, and the other way round', () => {
    expect(judge([entry()])).toMatchObject({ kind: 'refused', code: 'offer_refused' });
  });

  it('is sent back with the transaction, and with nothing that is ours alone', () => {
    const lifetime = { blockhash: FEE_PAYER, lastValidBlockHeight: 1n };
    const [name, value] = paymentHeader(solanaOffer(), { transaction: 'AQ==', lifetime });
    expect([name, JSON.parse(Buffer.from(value, 'base64').toString())]).toEqual([
      'payment-signature',
      { x402Version: 2, resource: { url: RESOURCE }, accepted: solanaWireEntry(), payload: { transaction: 'AQ==' } },
    ]);
  });

  it('of version 1 is answered in its form', () => {
    const lifetime = { blockhash: FEE_PAYER, lastValidBlockHeight: 1n };
    const [name, value] = paymentHeader(solanaOffer({ x402Version: 1 }), { transaction: 'AQ==', lifetime });
    expect([name, JSON.parse(Buffer.from(value, 'base64').toString())]).toEqual([
      'x-payment',
      { x402Version: 1, scheme: 'exact', network: 'solana', payload: { transaction: 'AQ==' } },
    ]);
  });
});
