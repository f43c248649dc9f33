import { ExactEvmScheme } from '@x402/evm/exact/client';
import type { LocalAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { CodedError } from '../errors/coded-error.js';
import { BASE_USDC, type Offer } from './offer.js';
import type { Payer, SignedPayment } from './payer.js';

/** Signs in this process with the wallet's own key, through the x402 project's EVM scheme. The domain is ours, not the quote's. */
export class X402Payer implements Payer {
  private readonly account: LocalAccount;
  private readonly scheme: ExactEvmScheme;

  constructor(privateKey: `0x${string}`) {
    this.account = privateKeyToAccount(privateKey);
    this.scheme = new ExactEvmScheme({
      address: this.account.address,
      signTypedData: (message) => this.account.signTypedData(message),
    });
  }

  get address(): string {
    return this.account.address;
  }

  async authorize(offer: Offer): Promise<SignedPayment> {
    try {
      const { payload } = await this.scheme.createPaymentPayload(2, {
        scheme: 'exact',
        network: offer.network,
        asset: offer.asset,
        payTo: offer.payee,
        amount: offer.amountMicroUsd.toString(),
        maxTimeoutSeconds: offer.validitySeconds,
        extra: { ...BASE_USDC.domain },
      });
      return payload as unknown as SignedPayment;
    } catch (cause) {
      throw new CodedError('payer_failed', 'The wallet could not sign the payment. Nothing was paid.', { cause });
    }
  }
}
