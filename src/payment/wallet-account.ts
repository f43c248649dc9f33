import { signRecoverable } from 'tiny-secp256k1';
import type { Address, Hex } from 'viem';
import { hexToBytes } from 'viem/utils';
import { privateKeyToAddress } from 'viem/accounts';

/** A wallet's address and what signs with its key, which stays inside. */
export interface WalletAccount {
  readonly address: Address;
  /** Signs 32 bytes: r, the lower s, and 27 or 28 for which of two points r is. The same bytes give the same signature (RFC 6979). */
  readonly sign: (digest: Hex) => Hex;
}

/** Bitcoin Core's libsecp256k1 signs (docs/decisions/0013-libsecp256k1-signs.md). @throws for a number that is no private key */
export function walletAccount(privateKey: Hex): WalletAccount {
  const address = privateKeyToAddress(privateKey);
  const key = hexToBytes(privateKey);
  return {
    address,
    sign(digest) {
      const { signature, recoveryId } = signRecoverable(hexToBytes(digest), key);
      // The two other points would need an r that nobody has ever seen, and the token takes none of them.
      if (recoveryId > 1) throw new Error('the signature is one of those that the token does not take');
      return `0x${Buffer.from(signature).toString('hex')}${(27 + recoveryId).toString(16)}`;
    },
  };
}
