import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FAULTS, type Fault } from '../../sandbox/block-run/faults.js';
import { TREASURY } from '../../sandbox/block-run-stand-in.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { Buyer, chatBody, decode, eventsOf } from './buyer.js';

let world: World;
let buyer: Buyer;

beforeAll(async () => {
  world = await startWorld({ chain: 'none' });
  buyer = new Buyer(world);
});
afterEach(() => {
  world.seller.faults.always = undefined;
});
afterAll(() => world.stop());

const faulty = (fault: Fault, fields: Record<string, unknown> = {}) => chatBody({ x_sandbox: { fault }, ...fields });

/** Pays the body's current price for a request that fails, and tells how: its status, or the error that fetch met. */
async function payFor(body: string, signal?: AbortSignal): Promise<{ status: number | string; text: string; headers: Headers }> {
  const signature = await buyer.sign(await buyer.quote(body));
  try {
    const answer = await buyer.send(body, signature, signal);
    const text = await answer.text().catch(() => 'broken off');
    return { status: answer.status, text, headers: answer.headers };
  } catch (error) {
    return { status: (error as Error).name, text: '', headers: new Headers() };
  }
}

async function settledBy(act: () => Promise<unknown>): Promise<number> {
  const before = world.seller.settlements.length;
  await act();
  await world.seller.idle();
  return world.seller.settlements.length - before;
}

describe('faults before a payment', () => {
  it.each<[Fault, object]>([
    ['quote-foreign-asset', { asset: expect.not.stringMatching(/^0x8335/) }],
    ['quote-foreign-network', { network: 'eip155:137' }],
    ['quote-other-chain', { network: expect.stringMatching(/^solana:/), extra: { feePayer: expect.any(String) } }],
    ['quote-foreign-payee', { payTo: expect.not.stringContaining(TREASURY) }],
    ['quote-huge', { amount: '1000000000' }],
    ['quote-zero', { amount: '0' }],
    ['quote-long-validity', { maxTimeoutSeconds: 315_360_000 }],
  ])('%s changes the offer', async (fault, offer) => {
    expect((await buyer.quote(faulty(fault))).accepts).toEqual([expect.objectContaining(offer)]);
  });

  it.each<[Fault, number]>([
    ['error-400', 400],
    ['error-401', 401],
    ['error-403', 403],
    ['error-404', 404],
    ['error-429', 429],
    ['error-500', 500],
    ['error-503', 503],
  ])('%s answers the ask with %i', async (fault, status) => {
    const answer = await buyer.send(faulty(fault));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe(status === 429 ? '60' : null);
    await answer.text();
  });

  it('quote-missing-header, quote-unreadable and quote-v1 change where and how the challenge is', async () => {
    const inBody = await buyer.send(faulty('quote-missing-header'));
    expect([inBody.headers.get('payment-required'), await inBody.json()]).toMatchObject([
      null,
      { x402Version: 2, accepts: [{ amount: '2000' }] },
    ]);
    const unreadable = await buyer.send(faulty('quote-unreadable'));
    expect(() => decode(unreadable.headers.get('payment-required'))).toThrow();
    const old = (await (await buyer.send(faulty('quote-v1'))).json()) as object;
    expect(old).toMatchObject({ x402Version: 1, accepts: [{ maxAmountRequired: '2000', network: 'base' }] });
  });

  it('quote-many-offers takes the dearer good offer too, quote-jump takes neither the old nor a smaller one', async () => {
    const body = faulty('quote-many-offers');
    const { accepts, ...required } = await buyer.quote(body);
    expect(accepts.map(({ amount }) => amount)).toEqual(['2000', '6000', '2000']);
    const dearer = await buyer.sign({ ...required, accepts: [accepts[1]!] });
    expect((await buyer.send(body, dearer)).status).toBe(200);
    expect(await payFor(faulty('quote-jump'))).toMatchObject({ status: 402 });
  });

  it('reset-before-quote and hang-before-quote never answer', async () => {
    await expect(buyer.send(faulty('reset-before-quote'))).rejects.toThrow('fetch failed');
    await expect(buyer.send(faulty('hang-before-quote'), undefined, AbortSignal.timeout(100))).rejects.toThrow('timeout');
  });
});

describe('faults after a payment was sent', () => {
  it.each<[Fault, number | string, number]>([
    ['paid-insufficient-funds', 402, 0],
    ['paid-stale-blockhash', 402, 0],
    ['paid-invalid', 402, 0],
    ['paid-403', 403, 0],
    ['paid-429', 429, 0],
    ['paid-500', 500, 0],
    ['paid-500-not-charged', 500, 0],
    ['paid-524-settled', 524, 1],
    ['paid-settlement-failed', 402, 0],
    ['paid-hang', 'TimeoutError', 1],
    ['paid-reset', 'TypeError', 0],
    ['paid-drop-after-settle', 'TypeError', 1],
    ['paid-truncated-body', 200, 1],
    ['paid-error-in-200', 200, 1],
    ['paid-not-json', 200, 1],
    ['paid-unsettled', 200, 1],
    ['paid-receipt', 200, 1],
    ['paid-no-receipt', 200, 1],
    ['paid-old-receipt-name', 200, 1],
    ['paid-receipt-failed', 200, 0],
    ['paid-free-fallback', 200, 0],
  ])('%s shows as %s and settles %i payments', async (fault, status, settlements) => {
    const seen = { status: 0 as number | string, text: '', headers: new Headers() };
    const signal = fault === 'paid-hang' ? AbortSignal.timeout(300) : undefined;
    expect(await settledBy(async () => Object.assign(seen, await payFor(faulty(fault), signal)))).toBe(settlements);
    expect(seen.status).toBe(status);
    expect(seen.headers.has('x-payment-response')).toBe(fault === 'paid-old-receipt-name');
    expect(seen.text === 'broken off').toBe(fault === 'paid-truncated-body');
    expect(seen.text.includes('no charge was made')).toBe(fault === 'paid-500-not-charged');
    expect(seen.headers.has('x-fallback-used')).toBe(fault === 'paid-free-fallback');
  });
});

describe('faults in a stream', () => {
  it.each<[Fault, (text: string) => void]>([
    ['stream-cut', (text) => expect(text).toBe('broken off')],
    ['stream-error', (text) => expect(eventsOf(text).at(-1)).toMatch('"error"')],
    ['stream-error-first', (text) => expect(eventsOf(text)).toEqual([expect.stringContaining('"error"')])],
    ['stream-no-done', (text) => expect([/"stop"/.test(text), text.includes('[DONE]')]).toEqual([true, false])],
    ['stream-no-finish', (text) => expect([/"stop"/.test(text), text.includes('[DONE]')]).toEqual([false, false])],
    ['stream-as-json', (text) => expect(JSON.parse(text)).toMatchObject({ object: 'chat.completion' })],
    [
      'stream-crlf-split',
      (text) => expect([text.includes('漢字'), text.includes('🦞'), /[^\r]\n/.test(text)]).toEqual([true, true, false]),
    ],
  ])('%s settles all the same', async (fault, judge) => {
    const seen: { text?: string } = {};
    expect(await settledBy(async () => Object.assign(seen, await payFor(faulty(fault, { stream: true }))))).toBe(1);
    judge(seen.text!);
  });

  it('a fault can be set for every request, and an unknown one is refused', async () => {
    world.seller.faults.always = 'error-503';
    expect((await buyer.send(chatBody())).status).toBe(503);
    expect(Object.keys(FAULTS)).toContain('error-503');
    expect((await buyer.send(chatBody({ x_sandbox: { fault: 'no-such-fault' } }))).status).toBe(400);
  });
});
