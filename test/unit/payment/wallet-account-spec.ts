import { describe, expect, it } from '@jest/globals';
import { type Hex, keccak256, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { walletAccount } from '../../../src/payment/wallet-account.js';
import { TEST_KEY } from '../../support/offers.js';

const HALF_OF_THE_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const digests = Array.from({ length: 100 }, (_, count) => keccak256(toHex(`digest ${count}`)));
const keys = [TEST_KEY, keccak256('0x01'), `0x${'0'.repeat(63)}1`] as Hex[];

describe.each(keys)("what a wallet's account signs", (key) => {
  const account = walletAccount(key);
  const other = privateKeyToAccount(key);

  it('comes from the address of its key', () => {
    expect(account.address).toBe(other.address);
  });

  it('is, bit for bit, what another implementation of RFC 6979 signs', async () => {
    expect(digests.map((digest) => account.sign(digest))).toEqual(await Promise.all(digests.map((hash) => other.sign({ hash }))));
  });

  it('has the form that the token takes: the lower s, and 27 or 28 at its end, each of which happens', () => {
    const signatures = digests.map((digest) => account.sign(digest));
    for (const signature of signatures) expect(BigInt(`0x${signature.slice(66, 130)}`)).toBeLessThanOrEqual(HALF_OF_THE_ORDER);
    expect(new Set(signatures.map((signature) => signature.slice(130)))).toEqual(new Set(['1b', '1c']));
  });
});

describe('the account of a wallet', () => {
  it.each([`0x${'0'.repeat(64)}`, '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'] as Hex[])(
    'is refused for a number that is no private key: %s',
    (key) => {
      expect(() => walletAccount(key)).toThrow();
    },
  );

  it('signs nothing but 32 bytes', () => {
    expect(() => walletAccount(TEST_KEY).sign('0x1234')).toThrow();
  });

  it('has its key in no property', () => {
    expect(Reflect.ownKeys(walletAccount(TEST_KEY))).toEqual(['address', 'sign']);
  });
});
