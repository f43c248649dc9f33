import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { type ChatResult, chatBody, chunksOf, dataOf, FREE_MODEL, ProxyUnderTest } from './proxy.js';

interface Expected {
  status: number;
  code?: string;
  /** What the books say of the price afterwards. */
  booked: 'nothing' | 'spent' | 'unresolved';
  retry?: 'false' | null;
}

/** Nothing has been signed when these happen. */
const BEFORE_PAYMENT: [Fault, Expected][] = [
  ['quote-unreadable', { status: 429, code: 'challenge_unreadable', booked: 'nothing', retry: 'false' }],
  ['quote-foreign-asset', { status: 429, code: 'offer_refused', booked: 'nothing', retry: 'false' }],
  ['quote-foreign-network', { status: 429, code: 'offer_refused', booked: 'nothing', retry: 'false' }],
  ['quote-foreign-payee', { status: 429, code: 'payee_refused', booked: 'nothing', retry: 'false' }],
  ['quote-huge', { status: 429, code: 'price_implausible', booked: 'nothing', retry: 'false' }],
  ['quote-zero', { status: 429, code: 'offer_refused', booked: 'nothing', retry: 'false' }],
  ['error-400', { status: 400, code: 'seller_rejected', booked: 'nothing', retry: 'false' }],
  ['error-404', { status: 404, code: 'seller_rejected', booked: 'nothing', retry: 'false' }],
  ['error-429', { status: 429, code: 'seller_rate_limited', booked: 'nothing', retry: null }],
  ['error-500', { status: 502, code: 'upstream_error', booked: 'nothing', retry: null }],
  ['error-503', { status: 502, code: 'upstream_error', booked: 'nothing', retry: null }],
  ['reset-before-quote', { status: 502, code: 'upstream_error', booked: 'nothing', retry: null }],
  ['hang-before-quote', { status: 502, code: 'upstream_error', booked: 'nothing', retry: null }],
];

/** The signature is out when these happen. */
const AFTER_PAYMENT: [Fault, Expected][] = [
  ['quote-missing-header', { status: 200, booked: 'spent' }],
  ['quote-long-validity', { status: 200, booked: 'spent' }],
  ['quote-many-offers', { status: 200, booked: 'spent' }],
  ['paid-no-receipt', { status: 200, booked: 'spent' }],
  ['paid-old-receipt-name', { status: 200, booked: 'spent' }],
  ['paid-receipt-other-amount', { status: 200, booked: 'spent' }],
  ['paid-receipt-failed', { status: 200, booked: 'unresolved' }],
  ['paid-free-fallback', { status: 200, booked: 'unresolved' }],
  ['quote-jump', { status: 502, code: 'upstream_error', booked: 'unresolved', retry: null }],
  ['paid-500-not-charged', { status: 502, code: 'upstream_error', booked: 'unresolved', retry: null }],
  ['paid-insufficient-funds', { status: 429, code: 'wallet_underfunded', booked: 'unresolved', retry: 'false' }],
  ['paid-429', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-500', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-500-steering', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-500-settled', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-lies-not-charged', { status: 502, code: 'upstream_error', booked: 'unresolved', retry: null }],
  ['paid-524-settled', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-replayed', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-settlement-failed', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-hang', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-reset', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  ['paid-drop-after-settle', { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' }],
  // These three come with a receipt: the answer is lost, the cost is certain.
  ['paid-truncated-body', { status: 400, code: 'payment_unresolved', booked: 'spent', retry: 'false' }],
  ['paid-error-in-200', { status: 400, code: 'payment_unresolved', booked: 'spent', retry: 'false' }],
  ['paid-not-json', { status: 400, code: 'payment_unresolved', booked: 'spent', retry: 'false' }],
];

describe('a seller that fails', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_TIMEOUT_MS: '1000' } });
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    await proxy.chat(); // pins the payee
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  /** Makes one call with the fault, and tells what it changed in every book. */
  const callWith = async (fault: Fault, fields: Record<string, unknown> = {}) => {
    const before = {
      ...(await proxy.budget()),
      asked: world.seller.asked,
      sends: world.seller.paidSends,
      settled: world.seller.settlements.length,
    };
    const answer = await proxy.chat({ ...fields, x_sandbox: { fault, tokens: 6 } });
    await world.seller.idle();
    const after = await proxy.budget();
    return {
      answer,
      spent: after.spent - before.spent,
      held: after.held - before.held,
      unresolved: after.unresolved - before.unresolved,
      asked: world.seller.asked - before.asked,
      sends: world.seller.paidSends - before.sends,
      settled: world.seller.settlements.slice(before.settled).reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n),
      lines: proxy.audit().filter(({ requestId }) => requestId === answer.headers.get('x-blockrun-proxy-request-id')),
    };
  };
  const booksOf = (booked: Expected['booked']) => ({
    spent: booked === 'spent' ? price : 0n,
    held: booked === 'unresolved' ? price : 0n,
    unresolved: booked === 'unresolved' ? price : 0n,
  });
  const expectAnswer = ({ status, headers, json }: ChatResult, expected: Expected) => {
    expect([status, json.error?.code]).toEqual([expected.status, expected.code]);
    if (expected.retry !== undefined) expect(headers.get('x-should-retry')).toBe(expected.retry);
  };

  it.each(BEFORE_PAYMENT)('with %s before the payment costs nothing, and nothing is signed', async (fault, expected) => {
    for (const stream of [false, true]) {
      const { answer, spent, held, sends, lines } = await callWith(fault, { stream });
      expectAnswer(answer, expected);
      expect({ spent, held, sends }).toEqual({ spent: 0n, held: 0n, sends: 0 });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ state: 'released', code: expected.code, booked: '0.000000' });
    }
  });

  it.each(AFTER_PAYMENT)('with %s after the signature is paid at most once and books at least what was taken', async (fault, expected) => {
    const { answer, sends, settled, lines, asked, ...books } = await callWith(fault);
    expectAnswer(answer, expected);
    expect(books).toEqual(booksOf(expected.booked));
    expect({ asked, sends }).toEqual({ asked: 1, sends: 1 });
    expect(books.spent + books.held).toBeGreaterThanOrEqual(settled);
    expect(lines.map(({ event }) => event)[0]).toBe('payment_signed');
    expect(lines[1]).toMatchObject({ state: expected.booked === 'spent' ? 'settled' : 'unresolved' });
    expect(lines).toHaveLength(2);
  });

  it('is quoted in the error, so that the client knows why', async () => {
    const { answer } = await callWith('error-500');
    expect(answer.json.error?.message).toContain('Internal server error');
    const { answer: unresolved } = await callWith('paid-500');
    expect(JSON.parse(unresolved.text)).toMatchObject({ seller_message: '500: Internal server error' });
    const { answer: limited } = await callWith('error-429');
    expect(limited.headers.get('retry-after')).toBe('60');
  });

  it('by offering several prices gets the cheapest one that is payable', async () => {
    const { spent, settled } = await callWith('quote-many-offers', { stream: true });
    expect([spent, settled]).toEqual([price, price]);
  });

  it('by asking for a signature of ten years gets one of ten minutes', async () => {
    const { lines } = await callWith('quote-long-validity');
    expect(Number(lines[0]?.validBefore) - Date.now() / 1000).toBeLessThanOrEqual(601);
  });

  it.each<[Fault, Expected['booked']]>([
    ['stream-cut', 'unresolved'],
    ['stream-error', 'unresolved'],
    ['stream-no-finish', 'unresolved'],
  ])('with %s in a stream leaves the client its tokens and a decent end', async (fault, booked) => {
    const {
      answer,
      sends,
      settled,
      asked: _asked,
      lines,
      ...books
    } = await callWith(fault, { stream: true, stream_options: { include_usage: true } });
    expect(answer.status).toBe(200);
    const chunks = chunksOf(answer.text);
    expect(chunks.filter(({ choices }) => choices[0]?.delta.content).length).toBeGreaterThan(0);
    expect(chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)).filter(Boolean)).toEqual(['length']);
    expect(dataOf(answer.text).at(-1)).toBe('[DONE]');
    expect(chunks.some(({ error }) => error)).toBe(false);
    expect(books).toEqual(booksOf(booked));
    expect(sends).toBe(1);
    expect(settled).toBe(price);
    expect(lines.at(-1)).toMatchObject({ event: 'chat_completion', state: 'unresolved', code: 'payment_unresolved' });
  });

  it('with an error as the first event of a paid stream answers with a status that nobody repeats', async () => {
    const {
      answer,
      sends,
      settled: _settled,
      asked: _asked,
      lines: _lines,
      ...books
    } = await callWith('stream-error-first', { stream: true });
    expectAnswer(answer, { status: 400, code: 'payment_unresolved', booked: 'unresolved', retry: 'false' });
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(books).toEqual(booksOf('unresolved'));
    expect(sends).toBe(1);
  });

  it.each<Fault>(['stream-no-done', 'stream-as-json', 'stream-crlf-split'])(
    'with %s still gives the client a whole stream',
    async (fault) => {
      const { answer, spent, held } = await callWith(fault, { stream: true, stream_options: { include_usage: true } });
      expect(answer.status).toBe(200);
      const chunks = chunksOf(answer.text);
      const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
      expect(text).toBe(fault === 'stream-crlf-split' ? 'naïve Zürich 漢字 Ελλάδα 🦞 déjà' : 'This answer was made in the');
      expect(chunks.at(-1)?.choices).toEqual([]);
      expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
      expect(dataOf(answer.text).at(-1)).toBe('[DONE]');
      expect([spent, held]).toEqual([price, 0n]);
    },
  );

  it('in a free stream is told as an error before the first byte, and closed decently after it', async () => {
    const first = await callWith('stream-error-first', { stream: true, model: FREE_MODEL });
    expectAnswer(first.answer, { status: 502, code: 'upstream_error', booked: 'nothing' });
    const cut = await callWith('stream-cut', { stream: true, model: FREE_MODEL });
    expect(cut.answer.status).toBe(200);
    expect(dataOf(cut.answer.text).at(-1)).toBe('[DONE]');
    expect([first.spent + cut.spent, first.held + cut.held]).toEqual([0n, 0n]);
  });

  it('and is not there at all is a 502, and the hold goes back', async () => {
    const gone = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_CHAT_URL: 'http://127.0.0.1:9/v1' } });
    const answer = await gone.chat();
    expect([answer.status, answer.json.error?.code]).toEqual([502, 'upstream_error']);
    expect(answer.json.error?.message).toContain('ECONNREFUSED');
    expect(await gone.budget()).toMatchObject({ spent: 0n, held: 0n });
    await gone.remove();
  });
});
