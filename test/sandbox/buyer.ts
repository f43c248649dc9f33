import { x402Client } from '@x402/core/client';
import type { PaymentPayload, PaymentRequired } from '@x402/core/types';
import { toClientEvmSigner } from '@x402/evm';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { privateKeyToAccount } from 'viem/accounts';
import type { World } from '../../sandbox/world.js';

export const MODEL = 'google/gemini-3-flash-preview';

export function chatBody(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Say something.' }], max_tokens: 100, ...fields });
}

/** What a test does to a payload after it was signed. */
type Change = (payload: PaymentPayload) => PaymentPayload | Promise<PaymentPayload>;

/** A buyer made of x402's own client and nothing else, with its default spend controls. */
export class Buyer {
  private readonly client: x402Client;

  constructor(private readonly world: World) {
    const signer = toClientEvmSigner(privateKeyToAccount(world.wallet.privateKey));
    this.client = new x402Client().register('eip155:*', new ExactEvmScheme(signer));
  }

  send(body: string, signature?: string, signal?: AbortSignal): Promise<Response> {
    const headers = { 'content-type': 'application/json', ...(signature === undefined ? {} : { 'payment-signature': signature }) };
    return fetch(this.world.seller.chatUrl, { method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) });
  }

  async quote(body: string): Promise<PaymentRequired> {
    const answer = await this.send(body);
    await answer.arrayBuffer();
    return decode<PaymentRequired>(answer.headers.get('payment-required'));
  }

  async sign(required: PaymentRequired, change: Change = (payload) => payload): Promise<string> {
    const payload = await change(await this.client.createPaymentPayload(required));
    return Buffer.from(JSON.stringify(payload)).toString('base64');
  }

  async pay(body: string): Promise<Response> {
    return this.send(body, await this.sign(await this.quote(body)));
  }
}

export function decode<Value>(header: string | null): Value {
  return JSON.parse(Buffer.from(header ?? '', 'base64').toString()) as Value;
}

/** The data of each server-sent event of a whole stream, in order. */
export function eventsOf(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []));
}
