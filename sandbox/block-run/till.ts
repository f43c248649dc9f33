import type { SettleResponse, VerifyResponse } from '@x402/core/types';
import type { Payment } from './payment.js';
import type { PaymentNetwork } from './payment-network.js';
import type { Refusal } from './refusals.js';

export interface Settlement {
  readonly transaction: string;
  readonly amountMicroUsd: bigint;
  readonly payer: string;
  /** On Solana the payer's own signature, in base58. */
  readonly nonce: string;
  readonly streamed: boolean;
  readonly model: string;
}

/** What the seller needs of a facilitator. */
export interface Till {
  /** Nothing if the payment is good, else the seller's answer to it. */
  verify(payment: Payment): Promise<Refusal | undefined>;
  settle(payment: Payment): Promise<SettleResponse>;
}

/** Payments are settled one after the other: on a busy machine hundreds at once take a minute, and whoever gave up would not count them. */
const FACILITATOR_TIMEOUT_MS = 180_000;

export class FacilitatorTill implements Till {
  constructor(
    private readonly facilitatorUrl: string,
    private readonly network: PaymentNetwork,
  ) {}

  async verify(payment: Payment): Promise<Refusal | undefined> {
    const { isValid, invalidReason, invalidMessage } = await this.post<VerifyResponse>('verify', payment);
    if (isValid) return undefined;
    return this.network.refusal({ invalidReason: invalidReason ?? 'invalid', invalidMessage, payer: payment.payer });
  }

  settle(payment: Payment): Promise<SettleResponse> {
    return this.post<SettleResponse>('settle', payment);
  }

  private async post<Answer>(act: 'verify' | 'settle', { payload, offer }: Payment): Promise<Answer> {
    const response = await fetch(`${this.facilitatorUrl}/${act}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ x402Version: 2, paymentPayload: payload, paymentRequirements: offer }),
      signal: AbortSignal.timeout(FACILITATOR_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`The facilitator answered ${response.status} to ${act}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}

/** For measuring the buyer alone: every well-formed payment is good, and settling is counting. */
export class CountingTill implements Till {
  private count = 0;

  constructor(private readonly network: PaymentNetwork) {}

  verify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  settle({ payer }: Payment): Promise<SettleResponse> {
    return Promise.resolve({ success: true, transaction: this.network.countedTransaction(++this.count), network: this.network.id, payer });
  }
}
