import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Hex, hashTypedData } from 'viem';
import { authorizationDigest } from '../../../src/payment/authorization-digest.js';
import { PAYEE, TEST_PAYER } from '../../support/offers.js';
import { typedDataOf } from '../../support/typed-data.js';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((some): Hex => `0x${Buffer.from(some).toString('hex')}`);
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String);
const AUTHORIZATION = {
  from: TEST_PAYER,
  to: PAYEE,
  value: '1000',
  validAfter: '0',
  validBefore: '1900000000',
  nonce: `0x${'5e'.repeat(32)}`,
};

describe('the digest of an authorization', () => {
  it('is what EIP-712 says of it, whatever stands in its fields', () => {
    const fields = fc.record({ from: hex(20), to: hex(20), value: uint256, validAfter: uint256, validBefore: uint256, nonce: hex(32) });
    fc.assert(
      fc.property(fields, (authorization) => {
        expect(authorizationDigest(authorization)).toBe(hashTypedData(typedDataOf(authorization)));
      }),
    );
  });

  it('does not depend on how the hex digits of an address are written', () => {
    const upper = { ...AUTHORIZATION, to: `0x${PAYEE.slice(2).toUpperCase()}` };
    expect(authorizationDigest(upper)).toBe(authorizationDigest(AUTHORIZATION));
  });

  it.each<[string, Partial<typeof AUTHORIZATION>]>([
    ['an address that is too short', { to: '0x1234' }],
    ['an address that is a name', { from: 'nobody' }],
    ['a value below nothing', { value: '-1' }],
    ['a value that no 32 bytes hold', { value: (2n ** 256n).toString() }],
    ['a value that is no number', { value: '1.5' }],
    ['a nonce that is too long', { nonce: `0x${'5e'.repeat(33)}` }],
  ])('is refused for %s', (_, change) => {
    expect(() => authorizationDigest({ ...AUTHORIZATION, ...change })).toThrow();
  });
});
