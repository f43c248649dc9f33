import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SettleResponse } from '@x402/core/types';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { SOLANA_NETWORK, SOLANA_TREASURY, SOLANA_USDC } from '../../sandbox/solana/mainnet.js';
import { startWorld, type SolanaWorld } from '../../sandbox/world.js';
import { chatBody, decode, eventsOf } from './buyer.js';
import { SolanaBuyer } from './solana-buyer.js';

let world: SolanaWorld;
let buyer: SolanaBuyer;

beforeAll(async () => {
  world = await startWorld({ network: 'solana', blockMs: 50 });
  buyer = new SolanaBuyer(world);
});
afterAll(() => world.stop());

const faulty = (fault: Fault, fields: Record<string, unknown> = {}) => chatBody({ x_sandbox: { fault }, ...fields });

interface Seen {
  readonly status: number | string;
  readonly text: string;
  readonly headers: Headers;
  readonly settled: number;
}

async function payFor(body: string): Promise<Seen> {
  const spent = () => world.solana.transfersFrom(world.wallet.solana.address).length;
  const before = { settlements: world.seller.settlements.length, spent: spent() };
  const header = await buyer.sign(await buyer.quote(body));
  const seen = await send(body, header);
  await world.seller.idle();
  const settled = world.seller.settlements.length - before.settlements;
  // The seller's own list is no proof: the chain must say the same.
  expect(spent() - before.spent).toBe(settled);
  return { ...seen, settled };
}

async function send(body: string, header: string): Promise<Omit<Seen, 'settled'>> {
  try {
    const answer = await buyer.send(body, header, AbortSignal.timeout(1_000));
    const text = await answer.text().catch(() => 'broken off');
    return { status: answer.status, text, headers: answer.headers };
  } catch (error) {
    return { status: (error as Error).name, text: '', headers: new Headers() };
  }
}

describe('faults of an offer on Solana', () => {
  it.each<[Fault, object]>([
    ['quote-foreign-asset', { network: SOLANA_NETWORK, asset: expect.not.stringContaining(SOLANA_USDC) }],
    ['quote-foreign-network', { network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1' }],
    ['quote-foreign-payee', { asset: SOLANA_USDC, payTo: expect.not.stringContaining(SOLANA_TREASURY) }],
    ['quote-other-chain', { network: 'eip155:8453', extra: { name: 'USD Coin', version: '2' } }],
    ['quote-no-fee-payer', { network: SOLANA_NETWORK, extra: {} }],
    ['quote-huge', { amount: '1000000000' }],
    ['quote-zero', { amount: '0' }],
    ['quote-long-validity', { maxTimeoutSeconds: 315_360_000 }],
  ])('%s changes it', async (fault, offer) => {
    expect((await buyer.quote(faulty(fault))).accepts).toEqual([expect.objectContaining(offer)]);
  });

  it('quote-buyer-pays-fees names the buyer’s own wallet', async () => {
    const { accepts } = await buyer.quote(faulty('quote-buyer-pays-fees'));
    expect(accepts).toMatchObject([{ extra: { feePayer: world.wallet.solana.address } }]);
  });

  it('quote-v1 and quote-many-offers have their Solana forms', async () => {
    const old = (await (await buyer.send(faulty('quote-v1'))).json()) as object;
    expect(old).toMatchObject({ x402Version: 1, accepts: [{ maxAmountRequired: '2000', network: 'solana' }] });
    const { accepts } = await buyer.quote(faulty('quote-many-offers'));
    expect(accepts.map(({ network, amount }) => [network === SOLANA_NETWORK, amount])).toEqual([
      [false, '2000'],
      [true, '6000'],
      [true, '2000'],
    ]);
  });

  it('quote-jump takes neither the old nor a smaller price', async () => {
    expect(await payFor(faulty('quote-jump'))).toMatchObject({ status: 402, settled: 0 });
  });
});

describe('faults after a payment on Solana was sent', () => {
  it.each<[Fault, number | string, number]>([
    ['paid-insufficient-funds', 402, 0],
    ['paid-stale-blockhash', 402, 0],
    ['paid-invalid', 402, 0],
    ['paid-403', 403, 1],
    ['paid-429', 429, 1],
    ['paid-500', 500, 1],
    ['paid-500-not-charged', 500, 1],
    ['paid-500-steering', 500, 1],
    ['paid-524-settled', 524, 1],
    ['paid-500-settled', 500, 1],
    ['paid-lies-not-charged', 500, 1],
    ['paid-replayed', 402, 1],
    ['paid-settlement-failed', 402, 0],
    ['paid-unsettled', 200, 0],
    ['paid-hang', 'TimeoutError', 1],
    ['paid-reset', 'TypeError', 0],
    ['paid-drop-after-settle', 'TypeError', 1],
    ['paid-truncated-body', 200, 1],
    ['paid-error-in-200', 200, 1],
    ['paid-not-json', 200, 1],
    ['paid-no-receipt', 200, 1],
    ['paid-receipt', 200, 1],
    ['paid-old-receipt-name', 200, 1],
    ['paid-receipt-other-amount', 200, 1],
    ['paid-receipt-failed', 200, 0],
    ['paid-free-fallback', 200, 0],
  ])('%s shows as %s and settles %i payments', async (fault, status, settled) => {
    const seen = await payFor(faulty(fault));
    expect({ status: seen.status, settled: seen.settled }).toEqual({ status, settled });
    const withReceipt: Fault[] = ['paid-receipt', 'paid-receipt-other-amount', 'paid-receipt-failed'];
    expect(seen.headers.has('payment-response')).toBe(withReceipt.includes(fault));
    expect(seen.headers.has('x-payment-response')).toBe(fault === 'paid-old-receipt-name');
  });

  it('a refused payment says so in Solana’s codes', async () => {
    const answers = await Promise.all([payFor(faulty('paid-stale-blockhash')), payFor(faulty('paid-invalid'))]);
    expect(answers.map(({ text }) => JSON.parse(text) as object)).toEqual([
      { code: 'PAYMENT_BLOCKHASH_STALE', error: 'Payment verification failed' },
      {
        code: 'PAYMENT_INVALID',
        error: 'Payment verification failed',
        debug: expect.stringContaining('transaction_simulation_failed'),
        payer: world.wallet.solana.address,
      },
    ]);
  });

  it('a receipt may name another amount than was taken', async () => {
    const { headers } = await payFor(faulty('paid-receipt-other-amount'));
    expect(decode<SettleResponse>(headers.get('payment-response'))).toMatchObject({ success: true, amount: '20000' });
  });

  it.each<[Fault | undefined, number]>([
    [undefined, 1],
    ['stream-cut', 1],
    ['stream-error', 1],
    ['stream-error-first', 1],
    ['stream-no-done', 1],
    ['stream-as-json', 1],
    ['paid-free-fallback', 0],
    ['paid-unsettled', 0],
  ])('a stream with %s settles %i payments', async (fault, settled) => {
    const body = fault === undefined ? chatBody({ stream: true }) : faulty(fault, { stream: true });
    const seen = await payFor(body);
    expect(seen).toMatchObject({ status: 200, settled });
    if (fault === undefined) expect(eventsOf(seen.text).at(-1)).toBe('[DONE]');
  });

  it('a settlement can fail on the chain after the answer, and then nothing is taken', async () => {
    const header = await buyer.sign(await buyer.quote(chatBody()));
    const before = { settlements: world.seller.settlements.length, treasury: await world.solana.balanceOf(world.treasury) };
    world.solana.stopBlocks();
    const [answer] = await Promise.all([buyer.send(chatBody(), header), called('sendTransaction')]);
    expect(answer.status).toBe(200);
    await world.solana.fund(world.wallet.solana.address, 1n);
    world.solana.startBlocks();
    await world.seller.idle();
    expect(world.seller.settlements).toHaveLength(before.settlements);
    expect(await world.solana.balanceOf(world.treasury)).toBe(before.treasury);
    await world.solana.fund(world.wallet.solana.address, 5_000_000n);
  });

  it('a settlement whose transaction is lost on the way never comes', async () => {
    const header = await buyer.sign(await buyer.quote(chatBody()));
    const before = world.solana.transfersFrom(world.wallet.solana.address).length;
    world.solana.losesTransactions = true;
    const [answer] = await Promise.all([buyer.send(chatBody(), header), called('sendTransaction')]);
    expect(answer.status).toBe(200);
    await world.solana.produceBlocks(152);
    await world.seller.idle();
    world.solana.losesTransactions = false;
    expect(world.solana.transfersFrom(world.wallet.solana.address)).toHaveLength(before);
  });

  async function called(method: string): Promise<void> {
    const before = world.solana.calls.length;
    while (!world.solana.calls.slice(before).some((call) => call.method === method))
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
