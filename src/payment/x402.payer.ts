import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { toHex } from 'viem/utils';
import { CodedError } from '../errors/coded-error.js';
import { authorizationDigest } from './authorization-digest.js';
import type { Offer } from './offer.js';
import type { Payer, SignedTransfer } from './payer.js';
import { walletAccount, type WalletAccount } from './wallet-account.js';

/**
 * Signs in this process with the wallet's own key: an EIP-3009 `TransferWithAuthorization` over the EIP-712 domain of USDC on Base (x402 v2,
 * scheme `exact` on EVM). It keeps the port's promise by building what it signs from the offer alone.
 */
export class X402Payer implements Payer {
  private readonly account: WalletAccount;

  constructor(privateKey: Hex) {
    this.account = walletAccount(privateKey);
  }

  get address(): string {
    return this.account.address;
  }

  authorize(offer: Offer): Promise<SignedTransfer> {
    try {
      return Promise.resolve(this.sign(offer));
    } catch (cause) {
      return Promise.reject(new CodedError('payer_failed', 'The wallet could not sign the payment. Nothing was paid.', { cause }));
    }
  }

  private sign(offer: Offer): SignedTransfer {
    const validBefore = Math.floor(Date.now() / 1000) + offer.validitySeconds;
    const authorization = {
      from: this.account.address,
      to: offer.payee,
      value: offer.amountMicroUsd.toString(),
      validAfter: '0',
      validBefore: validBefore.toString(),
      nonce: toHex(randomBytes(32)),
    };
    return { signature: this.account.sign(authorizationDigest(authorization)), authorization };
  }
}
