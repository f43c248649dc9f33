import { signRecoverable } from 'tiny-secp256k1';
import type { Address, Hex } from 'viem';
import { hexToBytes } from 'viem/utils';
import { privateKeyToAddress } from 'viem/accounts';

/** A wallet's address and what signs with its key, which stays inside. */
export interface WalletAccount {
  readonly address: Address;
  /** Signs 32 bytes: r, the lower s, and 27 or 28 for which of the two points with that r it is. The same bytes give the same signature (RFC 6979). */
  readonly sign: (digest: Hex) => Hex;
}

/** Bitcoin Core's libsecp256k1 signs (docs/decisions/0013-libsecp256k1-signs.md). @throws for a number that is no private key */
export function walletAccount(privateKey: Hex): WalletAccount {
  const address = privateKeyToAddress(privateKey); // first: what reads hex would quote a key that is none in its error
  const key = hexToBytes(privateKey);
  return {
    address,
    sign(digest) {
      const { signature, recoveryId } = signRecoverable(hexToBytes(digest), key);
      // 2 and 3 stand for a point whose x is not below the curve's order (a chance of 2^-128), which the token does not take.
      if (recoveryId > 1) throw new Error('the signature is one of those that the token does not take');
      return `0x${Buffer.from(signature).toString('hex')}${(27 + recoveryId).toString(16)}`;
    },
  };
}
