import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readProof } from '../../../src/payment/receipt.js';
import { headerOf, TEST_PAYER } from '../../support/offers.js';

const TRANSACTION = `0x${'12'.repeat(32)}`;
const RECEIPT = { success: true, transaction: TRANSACTION, network: 'eip155:8453', payer: TEST_PAYER };
const PROOF = { receipt: { transaction: TRANSACTION } };

describe('a receipt', () => {
  it.each(['payment-response', 'x-payment-response'])('is read from the header %s', (name) => {
    expect(readProof({ [name]: headerOf(RECEIPT) })).toEqual(PROOF);
  });

  it('of version 2 is believed before one of version 1', () => {
    const other = headerOf({ ...RECEIPT, transaction: `0x${'34'.repeat(32)}` });
    expect(readProof({ 'payment-response': headerOf(RECEIPT), 'x-payment-response': other })).toEqual(PROOF);
  });

  it('does not say what was paid: an amount in it is dropped', () => {
    expect(readProof({ 'payment-response': headerOf({ ...RECEIPT, amount: '1' }) })).toEqual(PROOF);
  });

  it('may stand in the header more than once', () => {
    expect(readProof({ 'payment-response': [headerOf(RECEIPT), 'x'] })).toEqual(PROOF);
  });

  it.each<[string, string | string[] | undefined]>([
    ['is missing', undefined],
    ['is empty', ''],
    ['is no base64', 'not base64!'],
    ['is no JSON', headerOf('not json')],
    ['is null', headerOf('null')],
    ['is a number', headerOf('5')],
    ['has no transaction', headerOf({ ...RECEIPT, transaction: undefined })],
    ['has an empty transaction, as optimistic settlements do', headerOf({ ...RECEIPT, transaction: '' })],
    ['has half a transaction', headerOf({ ...RECEIPT, transaction: TRANSACTION.slice(0, -1) })],
    ['has a transaction that is a number', headerOf({ ...RECEIPT, transaction: 5 })],
  ])('that %s proves nothing', (_name, header) => {
    expect(readProof({ 'payment-response': header })).toEqual({});
  });

  it('never breaks the answer that it came with', () => {
    const header = fc.oneof(fc.string({ unit: 'binary' }), fc.json().map(headerOf));
    fc.assert(
      fc.property(header, (value) => {
        expect(readProof({ 'payment-response': value }).receipt).toBeUndefined();
      }),
    );
  });
});

describe('a seller that did not take the payment', () => {
  it.each([
    [{ ...RECEIPT, success: false, errorReason: 'insufficient_funds' }, 'insufficient_funds'],
    [{ ...RECEIPT, success: false }, 'no reason given'],
    [{ ...RECEIPT, success: 'true' }, 'no reason given'],
    [{ ...RECEIPT, success: 1 }, 'no reason given'],
  ])('says so in its receipt: %j', (receipt, reason) => {
    expect(readProof({ 'payment-response': headerOf(receipt) })).toEqual({
      notTaken: `the seller's receipt says that the settlement failed (${reason})`,
    });
  });

  it('says so with a header of its own', () => {
    expect(readProof({ 'x-settlement-skipped': 'free-fallback', 'payment-response': headerOf(RECEIPT) })).toEqual({
      notTaken: 'the seller skipped the settlement (free-fallback)',
    });
  });

  it.each(['a sentence that could be a prompt', `a\u001b[2J`, 'x'.repeat(49), `0x${'12'.repeat(65)}`, ''])(
    'says so, and of its words nothing is kept that is no name: %j',
    (said) => {
      const { notTaken } = readProof({ 'payment-response': headerOf({ ...RECEIPT, success: false, errorReason: said }) });
      expect(notTaken).toBe("the seller's receipt says that the settlement failed (no reason given)");
    },
  );
});
