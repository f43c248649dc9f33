import type { Hex } from 'viem';
import { concat, encodeAbiParameters, hashStruct, keccak256, recoverAddress, toHex } from 'viem/utils';
import { BASE_USDC } from '../money/usdc.js';
import type { SignedTransfer } from './payer.js';

const AUTHORIZATION_TYPE_HASH = keccak256(
  toHex('TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)'),
);
const AUTHORIZATION_PARAMETERS = [
  { type: 'bytes32' },
  { type: 'address' },
  { type: 'address' },
  { type: 'uint256' },
  { type: 'uint256' },
  { type: 'uint256' },
  { type: 'bytes32' },
] as const;

/** The token's domain never changes: it is hashed once, from what is known here and never from a quote. */
const DOMAIN_SEPARATOR = hashStruct({
  primaryType: 'EIP712Domain',
  data: { ...BASE_USDC.domain, chainId: BigInt(BASE_USDC.chainId), verifyingContract: BASE_USDC.asset },
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
  },
});

/** The hash that is signed (EIP-712, "Specification"): the domain's and the authorization's, joined. @throws for a field that is none */
export function authorizationDigest({ from, to, value, validAfter, validBefore, nonce }: SignedTransfer['authorization']): Hex {
  const addresses = [from, to].map((address) => address.toLowerCase() as Hex) as [Hex, Hex];
  const numbers = [BigInt(value), BigInt(validAfter), BigInt(validBefore)] as const;
  const struct = encodeAbiParameters(AUTHORIZATION_PARAMETERS, [AUTHORIZATION_TYPE_HASH, ...addresses, ...numbers, nonce as Hex]);
  return keccak256(concat(['0x1901', DOMAIN_SEPARATOR, keccak256(struct)]));
}

/**
 * Who signed the authorization for USDC on Base; undefined where nobody can have. The signature must end in 27 or 28: the token takes no
 * other form.
 */
export async function recoverSigner({ authorization, signature }: SignedTransfer): Promise<string | undefined> {
  if (!/^0x[0-9a-fA-F]{128}1[bcBC]$/.test(signature)) return undefined;
  try {
    return await recoverAddress({ hash: authorizationDigest(authorization), signature: signature as Hex });
  } catch {
    return undefined; // a field or a point on the curve that is none
  }
}
