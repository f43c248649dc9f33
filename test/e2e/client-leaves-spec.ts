import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { FLOOD_BYTES, FloodingSeller } from './flooding-seller.js';
import { chatBody, FREE_MODEL, ProxyUnderTest } from './proxy.js';
import { until } from '../support/until.js';

describe('a client that leaves', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world });
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    await proxy.chat();
  });
  afterAll(async () => {
    world.seller.resume();
    await proxy.remove();
    await world.stop();
  });

  /** Posts, and leaves once `when` holds (or after the first bytes of a stream). */
  const leave = async (fields: Record<string, unknown>, when: () => boolean | Promise<boolean>) => {
    const client = new AbortController();
    const call = proxy.post(chatBody(fields), { signal: client.signal }).then(
      (response) => response.text().catch(() => 'left'),
      () => 'left',
    );
    await until(when, 'the moment to leave');
    client.abort();
    return call;
  };

  it('before a price is known has nothing signed and holds nothing', async () => {
    const { asked, paidSends } = world.seller;
    const before = await proxy.budget();
    await leave({ x_sandbox: { fault: 'hang-before-quote' } }, () => world.seller.asked > asked);
    await until(async () => (await proxy.budget()).held === before.held, 'the hold to go back');
    expect(world.seller.paidSends).toBe(paidSends);
    expect((await proxy.budget()).spent).toBe(before.spent);
    expect(proxy.audit().at(-1)).toMatchObject({ state: 'released', code: 'client_closed_request' });
  });

  it.each([false, true])('after the payment (stream: %s) has its answer read to its end, and booked', async (stream) => {
    const { paidSends, settlements } = world.seller;
    const settled = settlements.length;
    const before = await proxy.budget();
    await leave({ stream, x_sandbox: { tokens: 6, pauseAfterTokens: 2 } }, () => world.seller.paidSends > paidSends);
    expect((await proxy.budget()).held - before.held).toBe(price);
    await until(async () => {
      world.seller.resume();
      return (await proxy.budget()).held === before.held;
    }, 'the booking');
    expect((await proxy.budget()).spent - before.spent).toBe(price);
    await world.seller.idle(); // it settles a stream after its end
    expect(settlements.length - settled).toBe(1);
    expect(proxy.audit().at(-1)).toMatchObject({ event: 'chat_completion', state: 'settled', streamed: stream });
  });

  it('of a free stream gives it up, and holds nothing', async () => {
    const before = await proxy.budget();
    const asked = world.seller.asked;
    await leave({ model: FREE_MODEL, stream: true, x_sandbox: { tokens: 50, pauseAfterTokens: 2 } }, () => world.seller.asked > asked);
    await until(async () => (await proxy.budget()).held === before.held, 'the hold to go back');
    world.seller.resume();
    expect((await proxy.budget()).spent).toBe(before.spent);
  });

  it('at any moment leaves no hold behind: 120 clients that leave after 0 to 40 ms', async () => {
    const before = await proxy.budget();
    const settled = world.seller.settlements.length;
    const calls = Array.from({ length: 120 }, (_, index) => {
      const signal = AbortSignal.timeout(index % 41);
      const fields = { stream: index % 2 === 0, model: index % 3 === 0 ? FREE_MODEL : chatBody().model, x_sandbox: { tokens: 3 } };
      return proxy.post(chatBody(fields), { signal }).then(
        (response) => response.text().catch(() => 'left'),
        () => 'left',
      );
    });
    await Promise.all(calls);
    await until(async () => (await proxy.budget()).held === before.held, 'every hold to end');
    await world.seller.idle();
    const paid = BigInt(world.seller.settlements.length - settled) * price;
    expect((await proxy.budget()).spent - before.spent).toBe(paid);
  });

  it('slowly is slowed, not buffered: the seller is held back while the client does not read', async () => {
    const seller = await FloodingSeller.start();
    const slow = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_CHAT_URL: seller.url } });
    const response = await slow.post(chatBody({ stream: true }));
    const reader = response.body!.getReader();
    await reader.read();
    await seller.stalled();
    expect(seller.writtenBytes).toBeLessThan(FLOOD_BYTES / 4);
    let read = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) read += (part.value as Uint8Array).length;
    expect(read).toBeGreaterThan(FLOOD_BYTES / 2);
    expect(seller.writtenBytes).toBeGreaterThanOrEqual(FLOOD_BYTES);
    await slow.remove();
    await seller.stop();
  }, 240_000);
});
