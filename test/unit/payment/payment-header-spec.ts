import { describe, expect, it } from '@jest/globals';
import { decodePaymentSignatureHeader } from '@x402/core/http';
import { paymentHeader } from '../../../src/payment/payment-header.js';
import { offer, PAYEE, TEST_PAYER, wireEntry } from '../../support/offers.js';

const SIGNED = {
  signature: `0x${'cd'.repeat(65)}`,
  authorization: { from: TEST_PAYER, to: PAYEE, value: '1000', validAfter: '0', validBefore: '300', nonce: `0x${'ab'.repeat(32)}` },
};

describe('the header that carries a payment', () => {
  it('of version 2 says what was accepted, as the seller sent it', () => {
    const accepted = wireEntry({ note: 'ä, unknown to us' });
    const resource = { url: 'https://blockrun.ai/x', description: 'chat', mimeType: 'application/json' };
    const [name, value] = paymentHeader(offer({ accepted, resource }), SIGNED);
    expect(name).toBe('payment-signature');
    expect(decodePaymentSignatureHeader(value)).toEqual({ x402Version: 2, resource, accepted, payload: SIGNED });
  });

  it('of version 1 has that version’s name and network', () => {
    const [name, value] = paymentHeader(offer({ x402Version: 1 }), SIGNED);
    expect(name).toBe('x-payment');
    expect(JSON.parse(Buffer.from(value, 'base64').toString())).toEqual({
      x402Version: 1,
      scheme: 'exact',
      network: 'base',
      payload: SIGNED,
    });
  });

  it('carries nothing of a payer but the signature and what it signs', () => {
    const [, value] = paymentHeader(offer(), { ...SIGNED, privateKey: 'never' } as typeof SIGNED);
    expect(Buffer.from(value, 'base64').toString()).not.toContain('never');
  });

  it.each([1, 2] as const)('of version %d can stand in an HTTP header', (x402Version) => {
    const [, value] = paymentHeader(offer({ x402Version, resource: 'line\r\nbreak' }), SIGNED);
    expect(value).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });
});
