import { describe, expect, it } from '@jest/globals';
import { type Hex, recoverTypedDataAddress, verifyTypedData } from 'viem';
import { checkAuthorization } from '../../../src/payment/authorization-check.js';
import type { SignedTransfer } from '../../../src/payment/payer.js';
import { X402Payer } from '../../../src/payment/x402.payer.js';
import { offer, PAYEE, TEST_KEY, TEST_PAYER } from '../../support/offers.js';
import { typedDataOf } from '../../support/typed-data.js';

const signedData = ({ authorization, signature }: SignedTransfer) => ({ ...typedDataOf(authorization), signature: signature as Hex });

describe('what the payer signs', () => {
  const payer = new X402Payer(TEST_KEY);

  it('comes from the address of the key', () => {
    expect(payer.address).toBe(TEST_PAYER);
  });

  it('verifies on USDC on Base as a transfer of exactly the offer', async () => {
    const signed = await payer.authorize(offer({ amountMicroUsd: 2600n }));
    expect(signed.authorization).toMatchObject({ from: TEST_PAYER, to: PAYEE, value: '2600' });
    expect(await verifyTypedData({ address: TEST_PAYER, ...signedData(signed) })).toBe(true);
    expect(await recoverTypedDataAddress(signedData(signed))).toBe(TEST_PAYER);
  });

  it('does not verify for another amount or on another chain', async () => {
    const data = signedData(await payer.authorize(offer()));
    expect(await verifyTypedData({ address: TEST_PAYER, ...data, message: { ...data.message, value: 1001n } })).toBe(false);
    expect(await verifyTypedData({ address: TEST_PAYER, ...data, domain: { ...data.domain, chainId: 1 } })).toBe(false);
  });

  it('is in the domain of the token even when the seller names another', async () => {
    const accepted = { extra: { name: 'Other Coin', version: '9' }, asset: '0x1111111111111111111111111111111111111111' };
    const signed = await payer.authorize(offer({ accepted }));
    expect(await verifyTypedData({ address: TEST_PAYER, ...signedData(signed) })).toBe(true);
  });

  it('passes the check of the proxy itself', async () => {
    const signed = await payer.authorize(offer({ validitySeconds: 600 }));
    const authorization = checkAuthorization(signed, { offer: offer({ validitySeconds: 600 }), payer: TEST_PAYER, now: new Date() });
    expect(authorization).toMatchObject({ payer: TEST_PAYER, payee: PAYEE, amountMicroUsd: 1000n, nonce: signed.authorization.nonce });
  });

  it('has another nonce each time', async () => {
    const [one, other] = await Promise.all([payer.authorize(offer()), payer.authorize(offer())]);
    expect(one.authorization.nonce).toMatch(/^0x[0-9a-f]{64}$/);
    expect(one.authorization.nonce).not.toBe(other.authorization.nonce);
    expect(one.signature).not.toBe(other.signature);
  });

  it('is nothing when the offer cannot be signed, and the error does not show the key', async () => {
    await expect(payer.authorize(offer({ payee: 'nobody' }))).rejects.toMatchObject({
      code: 'payer_failed',
      message: expect.not.stringContaining(TEST_KEY.slice(2)),
    });
  });
});
