import { describe, expect, it } from '@jest/globals';
import { checkAuthorization } from '../../../src/payment/authorization-check.js';
import type { SignedTransfer } from '../../../src/payment/payer.js';
import { offer, OTHER_PAYEE, PAYEE, TEST_PAYER, USDC } from '../../support/offers.js';

const NOW = new Date('2026-06-06T15:00:00.900Z');
const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
const NONCE = `0x${'ab'.repeat(32)}`;

const GOOD: SignedTransfer = {
  signature: `0x${'cd'.repeat(65)}`,
  authorization: {
    from: TEST_PAYER,
    to: PAYEE,
    value: '1000',
    validAfter: String(NOW_SECONDS - 600),
    validBefore: String(NOW_SECONDS + 300),
    nonce: NONCE,
  },
};

const check = (payment: SignedTransfer, fields: Parameters<typeof offer>[0] = {}) =>
  checkAuthorization(payment, { offer: offer(fields), payer: TEST_PAYER, now: NOW });
const altered = (fields: Record<string, unknown>): SignedTransfer => ({
  ...GOOD,
  authorization: { ...GOOD.authorization, ...fields },
});

describe('a signature for the offer', () => {
  it('is given to the ledger with everything that it allows', () => {
    expect(check(GOOD)).toEqual({
      network: 'eip155:8453',
      asset: USDC,
      payer: TEST_PAYER,
      payee: PAYEE,
      amountMicroUsd: 1000n,
      nonce: NONCE,
      validBefore: BigInt(NOW_SECONDS + 300),
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['addresses in another case', { from: TEST_PAYER.toLowerCase(), to: PAYEE.toLowerCase() }],
    ['a validity that began at zero', { validAfter: '0' }],
    ['a validity that begins now', { validAfter: String(NOW_SECONDS) }],
    ['a shorter validity', { validBefore: String(NOW_SECONDS + 1) }],
    ['a second for the tick between signing and checking', { validBefore: String(NOW_SECONDS + 301) }],
  ])('may have %s', (_name, fields) => {
    expect(check(altered(fields)).amountMicroUsd).toBe(1000n);
  });
});

describe('a signature for anything else', () => {
  it.each<[field: string, value: unknown]>([
    ['from', OTHER_PAYEE],
    ['from', undefined],
    ['to', OTHER_PAYEE],
    ['to', ''],
    ['value', '999'],
    ['value', '1001'],
    ['value', '01000'],
    ['value', '0x3e8'],
    ['value', '1000.0'],
    ['value', 1000],
    ['value', undefined],
    ['validAfter', String(NOW_SECONDS + 1)],
    ['validAfter', '-1'],
    ['validAfter', ''],
    ['validAfter', 'soon'],
    ['validAfter', undefined],
    ['validBefore', String(NOW_SECONDS)],
    ['validBefore', String(NOW_SECONDS - 1)],
    ['validBefore', String(NOW_SECONDS + 302)],
    ['validBefore', '9'.repeat(12)],
    ['validBefore', '9'.repeat(30)],
    ['validBefore', '1e10'],
    ['validBefore', undefined],
    ['nonce', '0x'],
    ['nonce', `0x${'ab'.repeat(31)}`],
    ['nonce', `0x${'ab'.repeat(33)}`],
    ['nonce', 'ab'.repeat(32)],
    ['nonce', undefined],
  ])('with another %s (%s) is refused by name', (field, value) => {
    expect(() => check(altered({ [field]: value }))).toThrow(
      expect.objectContaining({ code: 'payer_failed', message: expect.stringContaining(`(${field} differ)`) }),
    );
  });

  it.each(['', '0x', `0x${'cd'.repeat(64)}`, `0x${'cd'.repeat(66)}`, undefined])('with the signature %s is refused', (signature) => {
    expect(() => check({ ...GOOD, signature: signature as string })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('(signature differ)') }),
    );
  });

  it('is refused with every field that differs', () => {
    expect(() => check(altered({ to: OTHER_PAYEE, value: '5', nonce: 'x' }))).toThrow(/\(to, value, nonce differ\)\. Nothing was paid\.$/);
  });

  it('is refused when there is no authorization at all', () => {
    expect(() => check({ signature: GOOD.signature } as SignedTransfer)).toThrow(expect.objectContaining({ code: 'payer_failed' }));
  });

  it('never lives longer than ten minutes, whatever the offer says', () => {
    const long = altered({ validBefore: String(NOW_SECONDS + 602) });
    expect(() => check(long, { validitySeconds: 86_400 })).toThrow(/validBefore/);
  });

  it('is refused without showing the signature', () => {
    expect(() => check(altered({ value: '5' }))).toThrow(expect.objectContaining({ message: expect.not.stringContaining('cdcd') }));
  });
});
