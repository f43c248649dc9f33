import { randomBytes } from 'node:crypto';
import { concat, encodeAbiParameters, type Hex, hashDomain, keccak256, toHex } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { CodedError } from '../errors/coded-error.js';
import { BASE_USDC, type Offer } from './offer.js';
import type { Payer, SignedPayment } from './payer.js';

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
const DOMAIN_SEPARATOR = hashDomain({
  domain: { ...BASE_USDC.domain, chainId: BigInt(BASE_USDC.chainId), verifyingContract: BASE_USDC.asset },
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
  },
});

/**
 * Signs in this process with the wallet's own key: an EIP-3009 `TransferWithAuthorization` over the EIP-712 domain of USDC on Base (x402 v2,
 * scheme `exact` on EVM). It keeps the port's promise by building what it signs from the offer alone.
 */
export class X402Payer implements Payer {
  private readonly account: PrivateKeyAccount;

  constructor(privateKey: Hex) {
    this.account = privateKeyToAccount(privateKey);
  }

  get address(): string {
    return this.account.address;
  }

  async authorize(offer: Offer): Promise<SignedPayment> {
    const validBefore = Math.floor(Date.now() / 1000) + offer.validitySeconds;
    const authorization = {
      from: this.account.address,
      to: offer.payee,
      value: offer.amountMicroUsd.toString(),
      validAfter: '0',
      validBefore: validBefore.toString(),
      nonce: toHex(randomBytes(32)),
    };
    try {
      return { signature: await this.account.sign({ hash: digestOf(authorization) }), authorization };
    } catch (cause) {
      throw new CodedError('payer_failed', 'The wallet could not sign the payment. Nothing was paid.', { cause });
    }
  }
}

/** The hash that is signed (EIP-712, "Specification"): the domain's and the authorization's, joined. */
function digestOf({ from, to, value, validAfter, validBefore, nonce }: SignedPayment['authorization']): Hex {
  const addresses = [from, to].map((address) => address.toLowerCase() as Hex) as [Hex, Hex];
  const numbers = [BigInt(value), BigInt(validAfter), BigInt(validBefore)] as const;
  const struct = encodeAbiParameters(AUTHORIZATION_PARAMETERS, [AUTHORIZATION_TYPE_HASH, ...addresses, ...numbers, nonce as Hex]);
  return keccak256(concat(['0x1901', DOMAIN_SEPARATOR, keccak256(struct)]));
}
