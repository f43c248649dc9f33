import { beforeAll, describe, expect, it } from '@jest/globals';
import { createKeyPairSignerFromPrivateKeyBytes, getBase58Decoder, getTransactionDecoder, type KeyPairSigner } from '@solana/kit';
import { SOLANA_USDC } from '../../../../src/money/usdc.js';
import type { SolanaOffer } from '../../../../src/payment/offer.js';
import { checkSigned } from '../../../../src/payment/signature-check.js';
import { offer } from '../../../support/offers.js';
import { BLOCKHASH, FEE_PAYER, nonceOfSignature, SOLANA_PAYEE, solanaOffer, testSigner } from '../../../support/solana-offers.js';
import { instruction, MEMO_PROGRAM, signedTransaction, type Written } from '../../../support/solana-transactions.js';
import { WRONG_TRANSACTIONS } from './wrong-transactions.js';

const NOW = new Date('2026-11-27T12:00:00Z');
const LIFETIME = { blockhash: BLOCKHASH, lastValidBlockHeight: 350_000_150n };

let wallet: KeyPairSigner;
let stranger: KeyPairSigner;
beforeAll(async () => {
  wallet = await testSigner();
  stranger = await createKeyPairSignerFromPrivateKeyBytes(Buffer.alloc(32, 9));
});

const usual = (): Written => ({ signer: wallet, payee: SOLANA_PAYEE, amount: 1000n, feePayer: FEE_PAYER, blockhash: BLOCKHASH });
const sign = (changes: Partial<Written> = {}) => signedTransaction({ ...usual(), ...changes });
const check = (transaction: string, fields: Partial<SolanaOffer> = {}) =>
  checkSigned({ transaction, lifetime: LIFETIME }, { offer: solanaOffer(fields), payer: wallet.address, now: NOW });

describe('a transaction for exactly the offer', () => {
  it('is given to the ledger with everything that it allows, under the signature of the wallet', async () => {
    const transaction = await sign();
    const { signatures } = getTransactionDecoder().decode(Buffer.from(transaction, 'base64'));
    const signature = getBase58Decoder().decode(signatures[wallet.address] ?? new Uint8Array());
    expect(await check(transaction)).toEqual({
      network: SOLANA_USDC.network,
      asset: SOLANA_USDC.asset,
      payer: wallet.address,
      payee: SOLANA_PAYEE,
      amountMicroUsd: 1000n,
      nonce: nonceOfSignature(signature),
      validBefore: BigInt(NOW.getTime() / 1000 + 600),
      lastValidBlockHeight: 350_000_150n,
    });
  });

  it('may come without limits of its computing, or with a memo', async () => {
    const memo = instruction(MEMO_PROGRAM, Buffer.from('hello'));
    for (const instructions of [
      ({ transfer }) => [transfer],
      ({ limit, price, transfer }) => [limit, price, transfer, memo],
    ] satisfies Written['instructions'][]) {
      expect(await check(await sign({ instructions }))).toMatchObject({ amountMicroUsd: 1000n });
    }
  });
});

describe('a transaction that is not for exactly the offer is refused, and what differs is named:', () => {
  it.each(WRONG_TRANSACTIONS)('%s', async (_what, changes, fault) => {
    const refused = check(await sign(await changes(usual(), stranger)));
    await expect(refused).rejects.toMatchObject({ code: 'payer_failed', message: expect.stringContaining(fault) });
    await expect(refused).rejects.toThrow('Nothing was paid');
  });

  it('an older form, with a version of none', async () => {
    await expect(check(await sign({ version: 'legacy' }))).rejects.toThrow('(transaction differ)');
  });

  it('a signature that is not there, or of other bytes', async () => {
    const bytes = Buffer.from(await sign(), 'base64');
    const unsigned = Buffer.from(bytes).fill(0, 1 + 64, 1 + 128);
    await expect(check(unsigned.toString('base64'))).rejects.toThrow('signature');
    const forged = Buffer.concat([Buffer.from(await sign({ amount: 999n }), 'base64').subarray(0, 129), bytes.subarray(129)]);
    await expect(check(forged.toString('base64'))).rejects.toThrow('signature');
  });

  it.each(['', 'AQ==', '!', 'null', 'A'.repeat(3000)])('bytes that are no transaction: %j', async (text) => {
    await expect(check(text)).rejects.toMatchObject({ code: 'payer_failed' });
  });

  it('bytes behind the transaction, or another base64 of it', async () => {
    const transaction = await sign();
    const longer = Buffer.concat([Buffer.from(transaction, 'base64'), Buffer.from([0])]).toString('base64');
    await expect(check(longer)).rejects.toThrow('signature');
    for (const text of [`${transaction}\n`, transaction.replace(/=*$/, '====')]) {
      await expect(check(text)).rejects.toThrow('(transaction differ)');
    }
  });

  it('an offer that has the wallet pay the fee, signed as it stands', async () => {
    await expect(check(await sign({ feePayer: wallet.address }), { feePayer: wallet.address })).rejects.toThrow('signers');
  });

  it('an offer whose payee only looks like an address', async () => {
    await expect(check(await sign(), { payee: '1'.repeat(44) })).rejects.toThrow('payee');
  });
});

describe('a payment of one network for an offer on another', () => {
  it('is refused', async () => {
    const facts = { payer: wallet.address, now: NOW };
    await expect(checkSigned({ transaction: await sign(), lifetime: LIFETIME }, { ...facts, offer: offer() })).rejects.toMatchObject({
      code: 'payer_failed',
    });
    const transfer = { signature: '0x', authorization: { from: '', to: '', value: '', validAfter: '', validBefore: '', nonce: '' } };
    await expect(checkSigned(transfer, { ...facts, offer: solanaOffer() })).rejects.toThrow('another network');
  });
});
