import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { type ChatResult, chatBody, ProxyUnderTest } from './proxy.js';
import { until } from '../support/until.js';

describe('the daily cap', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterEach(async () => {
    world.seller.resume();
    await world.seller.idle();
    await proxy.remove();
  });
  afterAll(() => world.stop());

  const startWithCap = async (cap: bigint, environment: Record<string, string> = {}) => {
    proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_DAILY_BUDGET_USD: formatUsd(cap), ...environment } });
    return { settled: world.seller.settlements.length, sends: world.seller.paidSends };
  };
  const answered = (answers: ChatResult[]) => answers.filter(({ status }) => status === 200);

  it('for exactly 5 calls lets exactly 5 of 40 concurrent ones pay', async () => {
    const before = await startWithCap(5n * price);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => proxy.chat({ stream: index % 2 === 0 })));
    await world.seller.idle();
    expect(answered(answers)).toHaveLength(5);
    expect(world.seller.settlements.length - before.settled).toBe(5);
    expect(world.seller.paidSends - before.sends).toBe(5);
    for (const { json } of answers.filter(({ status }) => status !== 200)) {
      expect(['daily_limit_reached', 'budget_in_flight']).toContain(json.error?.code);
    }
    expect(await proxy.budget()).toEqual({ spent: 5n * price, held: 0n, unresolved: 0n, remaining: 0n, calls: 5 });
    expect(proxy.audit().filter(({ event }) => event === 'payment_signed')).toHaveLength(5);
    expect(proxy.audit().filter(({ event }) => event === 'budget_reject')).toHaveLength(35);
  });

  it('that is used up is told in the words that OpenClaw shows, and asks nobody to try again', async () => {
    const before = await startWithCap(2n * price);
    expect(answered([await proxy.chat(), await proxy.chat()])).toHaveLength(2);
    const asked = world.seller.asked;
    for (const stream of [false, true]) {
      const { status, headers, json } = await proxy.chat({ stream });
      expect(status).toBe(429);
      expect(json.error).toMatchObject({ type: 'rate_limit_error', code: 'daily_limit_reached', param: null });
      expect(json.error?.message).toMatch(
        /^Daily limit reached: \$0\.\d{2,6} of \$0\.\d{2,6} used by this proxy today\. Resets at 00:00 UTC \(in \d+ (hours?|minutes?)\)\.$/,
      );
      expect(headers.get('x-should-retry')).toBe('false');
      expect(headers.get('retry-after')).toBeNull();
    }
    expect(world.seller.asked).toBe(asked);
    expect(world.seller.paidSends - before.sends).toBe(2);
  });

  it('with less left than the price is the daily limit, and nothing is signed', async () => {
    const before = await startWithCap(2n * price - 1n);
    expect((await proxy.chat()).status).toBe(200);
    const { status, json } = await proxy.chat();
    expect([status, json.error?.code]).toEqual([429, 'daily_limit_reached']);
    expect(world.seller.paidSends - before.sends).toBe(1);
    expect(await proxy.budget()).toMatchObject({ spent: price, held: 0n, remaining: price - 1n });
    expect(proxy.audit().at(-1)).toMatchObject({ event: 'budget_reject', code: 'daily_limit_reached', state: 'released' });
  });

  it('near its end lets parallel calls wait for the room that others give back', async () => {
    const before = await startWithCap(4n * price);
    const answers = await Promise.all([proxy.chat(), proxy.chat(), proxy.chat(), proxy.chat()]);
    expect(answered(answers)).toHaveLength(4);
    expect(world.seller.settlements.length - before.settled).toBe(4);
  });

  it('that is filled by calls in flight only is told as such, with a time to come back', async () => {
    await startWithCap(price, { BLOCKRUN_HOLD_WAIT_MS: '50' });
    let isOver = false;
    const running = proxy.chat({ stream: true, x_sandbox: { pauseAfterTokens: 1 } }).finally(() => (isOver = true));
    await until(async () => (await proxy.budget()).held === price, 'the first call to be signed');
    const { status, headers, json } = await proxy.chat();
    expect([status, json.error?.code]).toEqual([429, 'budget_in_flight']);
    expect(headers.get('retry-after')).toBe('2');
    // The seller may not have come to its pause yet.
    await until(() => {
      world.seller.resume();
      return isOver;
    }, 'the first call to end');
    expect((await running).status).toBe(200);
    expect((await proxy.chat()).json.error?.code).toBe('daily_limit_reached');
  });

  it('keeps counting what is unresolved', async () => {
    await startWithCap(price);
    expect((await proxy.chat({ x_sandbox: { fault: 'paid-drop-after-settle' } })).status).toBe(400);
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: price, unresolved: price, remaining: 0n });
    expect((await proxy.chat()).json.error?.code).toBe('daily_limit_reached');
  });

  it('leaves a price above the most for one request unsigned, with both numbers in the message', async () => {
    const before = await startWithCap(1_000_000n, { BLOCKRUN_MAX_USD_PER_REQUEST: formatUsd(price - 1n) });
    const { status, headers, json } = await proxy.chat();
    expect([status, json.error?.code, headers.get('x-should-retry')]).toEqual([429, 'price_above_maximum', 'false']);
    expect(json.error?.message).toContain(`$${formatUsd(price).replace(/0+$/, '')}`);
    expect(json.error?.message).toContain(`$${formatUsd(price - 1n).replace(/0+$/, '')}`);
    expect(json.error?.message).toContain('BLOCKRUN_MAX_USD_PER_REQUEST');
    expect(world.seller.paidSends).toBe(before.sends);
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: 0n });
  });

  it('counts on after a restart on the same files', async () => {
    await startWithCap(2n * price);
    expect((await proxy.chat()).status).toBe(200);
    const { directory } = proxy;
    await proxy.stop();
    proxy = await ProxyUnderTest.start({ world, directory, environment: { BLOCKRUN_DAILY_BUDGET_USD: formatUsd(2n * price) } });
    expect(await proxy.budget()).toMatchObject({ spent: price, remaining: price, calls: 1 });
    expect((await proxy.chat()).status).toBe(200);
    expect((await proxy.chat()).json.error?.code).toBe('daily_limit_reached');
  });
});
