import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { chatBody, chunksOf, ProxyUnderTest } from './proxy.js';
import { until } from '../support/until.js';

/** The same request again: nobody pays twice for one. */
describe('the same request again', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world });
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterAll(async () => {
    world.seller.resume();
    await proxy.remove();
    await world.stop();
  });

  const say = async (body: unknown, init: RequestInit = {}) => {
    const response = await proxy.post(body, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  /** What the seller was paid for, and how much was spent, while the work was done. */
  const costOf = async (work: () => Promise<unknown>) => {
    const before = { sends: world.seller.paidSends, spent: (await proxy.budget()).spent };
    await work();
    return { sends: world.seller.paidSends - before.sends, spent: (await proxy.budget()).spent - before.spent };
  };
  const textOf = (sse: string) =>
    chunksOf(sse)
      .map(({ choices }) => choices[0]?.delta.content ?? '')
      .join('');

  it.each([false, true])('shortly after its end gets the first answer and pays nothing (stream: %s)', async (stream) => {
    const body = chatBody({ stream });
    const first = await say(body);
    const cost = await costOf(async () => {
      const again = await say(body);
      expect([again.status, again.text]).toEqual([200, first.text]);
      expect(again.headers.get('x-blockrun-proxy-replay-of')).toBe(first.headers.get('x-blockrun-proxy-request-id'));
      expect(again.headers.get('x-blockrun-proxy-booked-cost-usd')).toBe('0.000000');
      expect(again.headers.get('x-blockrun-proxy-payment-tx')).toBe(first.headers.get('x-blockrun-proxy-payment-tx'));
      await until(
        () =>
          proxy
            .audit()
            .some(({ event, replayOf }) => event === 'answer_replayed' && replayOf === again.headers.get('x-blockrun-proxy-replay-of')),
        'its line in the audit',
      );
    });
    expect(cost).toEqual({ sends: 0, spent: 0n });
  });

  it.each([false, true])('thirty times at once is paid once, and all get the same (stream: %s)', async (stream) => {
    const body = chatBody({ stream });
    const cost = await costOf(async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => say(body)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers.has('x-blockrun-proxy-replay-of'))).toHaveLength(29);
    });
    expect(cost).toEqual({ sends: 1, spent: price });
  });

  it('in the middle of a stream gets what has come, then what comes', async () => {
    const body = chatBody({ stream: true, x_sandbox: { tokens: 6, pauseAfterTokens: 3 } });
    const cost = await costOf(async () => {
      const { paidSends } = world.seller;
      const first = say(body);
      await until(() => world.seller.paidSends > paidSends, 'the payment');
      const again = proxy.post(body);
      expect((await again).headers.get('x-blockrun-proxy-replay-of')).not.toBeNull();
      world.seller.resume();
      expect(textOf(await (await again).text())).toBe(textOf((await first).text));
    });
    expect(cost).toEqual({ sends: 1, spent: price });
  });

  it.each([false, true])('by a client that left after it had paid gets the paid answer (stream: %s)', async (stream) => {
    const body = chatBody({ stream, x_sandbox: { tokens: 6, pauseAfterTokens: 2 } });
    const cost = await costOf(async () => {
      const { paidSends } = world.seller;
      const held = (await proxy.budget()).held;
      const client = new AbortController();
      const lost = proxy
        .post(body, { signal: client.signal })
        .then((response) => response.text())
        .catch(() => 'lost');
      await until(() => world.seller.paidSends > paidSends, 'the payment');
      client.abort();
      expect(await lost).toBe('lost');
      await until(async () => {
        world.seller.resume();
        return (await proxy.budget()).held === held;
      }, 'the booking');
      const again = await say(body);
      expect(again.status).toBe(200);
      expect(again.text).toContain(stream ? 'data: [DONE]' : '"finish_reason"');
      // A stream of the seller's has no receipt.
      if (!stream) expect(again.headers.get('x-blockrun-proxy-payment-tx')).toMatch(/^0x[0-9a-f]{64}$/);
    });
    expect(cost).toEqual({ sends: 1, spent: price });
  });

  it('whose first client has left is still bought for the one that waits', async () => {
    const body = chatBody({ x_sandbox: { tokens: 4, pauseAfterTokens: 1 } });
    const cost = await costOf(async () => {
      const client = new AbortController();
      const { asked } = world.seller;
      const lost = proxy.post(body, { signal: client.signal }).catch(() => 'lost');
      await until(() => world.seller.asked > asked, 'the ask');
      let answer: Awaited<ReturnType<typeof say>> | undefined;
      const stays = say(body).then((given) => (answer = given));
      client.abort();
      expect(await lost).toBe('lost');
      await until(() => {
        world.seller.resume();
        return answer !== undefined;
      }, 'the answer');
      expect((await stays).status).toBe(200);
    });
    expect(cost).toEqual({ sends: 1, spent: price });
  });

  it('is given up, and holds nothing, only when every client has left before anything is signed', async () => {
    const body = chatBody({ x_sandbox: { fault: 'hang-before-quote' } });
    const { held } = await proxy.budget();
    const { asked } = world.seller;
    const clients = [new AbortController(), new AbortController()];
    const calls = clients.map(({ signal }) => proxy.post(body, { signal }).catch(() => 'left'));
    await until(() => world.seller.asked > asked, 'the ask');
    const lines = proxy.audit().length;
    clients[0]?.abort();
    await calls[0];
    await say(chatBody()); // long enough for the first one's leaving to be noticed
    expect((await proxy.budget()).held).toBeGreaterThan(held);
    clients[1]?.abort();
    await until(async () => (await proxy.budget()).held === held, 'the hold to go back');
    expect(
      proxy
        .audit()
        .slice(lines)
        .filter(({ code }) => code === 'client_closed_request'),
    ).toHaveLength(1);
  });

  it.each(['paid-drop-after-settle', 'paid-524-settled', 'paid-500'])(
    'after %s, which leaves nobody knowing, gets the same refusal and pays nothing',
    async (fault) => {
      const body = chatBody({ x_sandbox: { fault } });
      const first = await say(body);
      expect([first.status, first.headers.get('x-should-retry')]).toEqual([400, 'false']);
      const cost = await costOf(async () => expect(await say(body)).toMatchObject({ status: 400, text: first.text }));
      expect(cost).toEqual({ sends: 0, spent: 0n });
    },
  );

  it('after a failure that the seller does not charge for is tried anew', async () => {
    const body = chatBody({ x_sandbox: { fault: 'paid-500-not-charged' } });
    await say(body);
    const cost = await costOf(async () => expect((await say(body)).status).toBe(502));
    expect(cost).toEqual({ sends: 1, spent: 0n });
  });

  it('after a refusal that cost nothing is tried anew', async () => {
    const body = chatBody({ x_sandbox: { fault: 'error-503' } });
    const { asked } = world.seller;
    await say(body);
    expect((await say(body)).status).toBe(502);
    expect(world.seller.asked - asked).toBe(2);
  });

  describe('with an Idempotency-Key', () => {
    const keyed = (key: string): RequestInit => ({ headers: { 'idempotency-key': key } });

    it('gets the first answer', async () => {
      const body = chatBody();
      const cost = await costOf(async () => expect((await say(body, keyed('a'))).text).toBe((await say(body, keyed('a'))).text));
      expect(cost).toEqual({ sends: 1, spent: price });
    });

    it('of its own is a request of its own, though the body is the same', async () => {
      const body = chatBody();
      const cost = await costOf(() => Promise.all([say(body, keyed('b')), say(body, keyed('c')), say(body)]));
      expect(cost).toEqual({ sends: 3, spent: 3n * price });
    });

    it('that was used for another body is refused', async () => {
      await say(chatBody(), keyed('d'));
      const cost = await costOf(async () => {
        const refused = await say(chatBody(), keyed('d'));
        expect(refused.status).toBe(400);
        expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'idempotency_key_reused', param: 'Idempotency-Key' } });
      });
      expect(cost).toEqual({ sends: 0, spent: 0n });
    });

    it('that is none is refused', async () => {
      expect((await say(chatBody(), keyed('two words'))).status).toBe(400);
      expect((await say(chatBody(), keyed('x'.repeat(256)))).status).toBe(400);
    });
  });

  it.each(['0', '1'])('is bought again when sharing is off or its window is over (%s ms)', async (window) => {
    const other = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_REPLAY_WINDOW_MS: window } });
    const { paidSends } = world.seller;
    const body = chatBody();
    await (await other.post(body)).text();
    await until(async () => {
      await (await other.post(body)).text();
      return world.seller.paidSends - paidSends >= 2;
    }, 'the second purchase');
    await other.remove();
  });

  it('that waits for one which is refused by the cap is refused by itself', async () => {
    const poor = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_DAILY_BUDGET_USD: '0.000001', BLOCKRUN_HOLD_WAIT_MS: '0' } });
    const body = chatBody();
    const answers = await Promise.all(Array.from({ length: 10 }, () => poor.post(body)));
    for (const answer of answers)
      expect([answer.status, await answer.json()]).toMatchObject([429, { error: { code: 'daily_limit_reached' } }]);
    await poor.remove();
  });
});
