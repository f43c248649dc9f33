import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { toHex } from 'viem/utils';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { CodedError } from '../errors/coded-error.js';
import { authorizationDigest } from './authorization-digest.js';
import type { Offer } from './offer.js';
import type { Payer, SignedTransfer } from './payer.js';

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

  async authorize(offer: Offer): Promise<SignedTransfer> {
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
      return { signature: await this.account.sign({ hash: authorizationDigest(authorization) }), authorization };
    } catch (cause) {
      throw new CodedError('payer_failed', 'The wallet could not sign the payment. Nothing was paid.', { cause });
    }
  }
}
