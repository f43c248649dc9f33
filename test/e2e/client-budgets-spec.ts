import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import type { BudgetStatus } from '../../src/budget/budget-status.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { clientsIn, digestOf } from '../support/clients.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { chatBody, ProxyUnderTest } from './proxy.js';

const DOOR_TOKEN = 'the-token-of-the-door-itself';
const TOKENS = { research: 'the-token-of-research', writer: 'the-token-of-the-writer' };

const by = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const inSession = (name: string, session: string): RequestInit => ({ headers: { [name]: session } });

describe('a budget of each client', () => {
  let world: World;
  let directory: TemporaryDirectory;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(async () => {
    await world.seller.idle();
    await proxy.remove();
    directory.remove();
  });
  afterAll(() => world.stop());

  const start = async (clients: object[], environment: Record<string, string> = {}) => {
    proxy = await ProxyUnderTest.start({ world, environment: { ...clientsIn(directory.file('clients.json'), clients), ...environment } });
    return { settled: world.seller.settlements.length };
  };
  const capFor = (calls: bigint) => formatUsd(calls * price);
  const budget = async (init: RequestInit = {}) => (await (await fetch(`${proxy.url}/v1/budget`, init)).json()) as BudgetStatus;

  it('for 5 and for 3 calls lets exactly 5 and 3 of 50 concurrent ones pay', async () => {
    const before = await start([
      { name: 'research', tokenSha256: digestOf(TOKENS.research), dailyBudgetUsd: capFor(5n) },
      { name: 'writer', session: 'writer-*', dailyBudgetUsd: capFor(3n) },
    ]);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const isResearch = index % 2 === 0;
        const init = isResearch ? by(TOKENS.research) : inSession('x-session-affinity', `writer-${index}`);
        return { isResearch, ...(await proxy.chat({ stream: index % 4 < 2 }, init)) };
      }),
    );
    await world.seller.idle();
    const paid = answers.filter(({ status }) => status === 200);
    expect([paid.filter(({ isResearch }) => isResearch).length, paid.filter(({ isResearch }) => !isResearch).length]).toEqual([5, 3]);
    expect(world.seller.settlements.length - before.settled).toBe(8);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(42);
    for (const { json, isResearch } of refused) expect(json.error?.message).toContain(`client ${isResearch ? 'research' : 'writer'}`);
    expect((await budget()).clients).toMatchObject([
      { client: 'research', spentUsd: capFor(5n), heldUsd: '0.000000', remainingUsd: '0.000000', calls: 5 },
      { client: 'writer', spentUsd: capFor(3n), heldUsd: '0.000000', remainingUsd: '0.000000', calls: 3 },
    ]);
    const lines = proxy.audit();
    expect(lines.filter(({ event, client }) => event === 'chat_completion' && client === 'writer')).toHaveLength(3);
    expect(lines.filter(({ event, client }) => event === 'budget_reject' && client === 'research')).toHaveLength(20);
  });

  it('that is used up leaves the others theirs, under the cap of all', async () => {
    await start(
      [
        { name: 'research', tokenSha256: digestOf(TOKENS.research), dailyBudgetUsd: capFor(1n) },
        { name: 'writer', tokenSha256: digestOf(TOKENS.writer) },
      ],
      { BLOCKRUN_DAILY_BUDGET_USD: capFor(3n) },
    );
    expect((await proxy.chat({}, by(TOKENS.research))).status).toBe(200);
    const { json } = await proxy.chat({}, by(TOKENS.research));
    expect(json.error?.message).toMatch(/^Daily limit reached: .* used by client research today\. Resets at 00:00 UTC/);
    expect((await proxy.chat({}, by(TOKENS.writer))).status).toBe(200);
    expect((await proxy.chat()).status).toBe(200);
    for (const init of [by(TOKENS.writer), {}])
      expect((await proxy.chat({}, init)).json.error?.message).toMatch(/^Daily limit reached: .* used by this proxy today/);
    expect(proxy.audit().map(({ limit }) => limit)).toEqual(expect.arrayContaining(['daily of research', 'daily']));
  });

  it('with less left than the price is its daily limit, and nothing is signed', async () => {
    const before = await start([{ name: 'all', default: true, dailyBudgetUsd: formatUsd(2n * price - 1n) }]);
    expect((await proxy.chat()).status).toBe(200);
    const { status, json } = await proxy.chat();
    expect([status, json.error?.code, json.error?.message]).toEqual([
      429,
      'daily_limit_reached',
      expect.stringContaining('used by client all today'),
    ]);
    expect(world.seller.settlements.length - before.settled).toBe(1);
  });

  describe('goes by', () => {
    const NAMED = [
      { name: 'research', tokenSha256: digestOf(TOKENS.research) },
      { name: 'one', session: ['s-1', 's-2'] },
      { name: 'many', session: 'agent:*' },
      { name: 'others', default: true },
    ];
    const booked = () =>
      proxy
        .audit()
        .filter(({ event }) => event === 'chat_completion')
        .at(-1)?.['client'];

    it.each<[string, RequestInit, string]>([
      ['a token', by(TOKENS.research), 'research'],
      ['a token before a session', { headers: { authorization: `Bearer ${TOKENS.research}`, session_id: 's-1' } }, 'research'],
      ['x-session-affinity', inSession('x-session-affinity', 's-2'), 'one'],
      ['session_id', inSession('session_id', 'agent:main:0'), 'many'],
      ['x-blockrun-client', inSession('x-blockrun-client', 's-1'), 'one'],
      ['nothing that is known', inSession('session_id', 's-10'), 'others'],
      ['an unknown token', by('not-needed-by-this-proxy'), 'others'],
    ])('%s', async (_name, init, client) => {
      await start(NAMED);
      expect((await proxy.chat({}, init)).status).toBe(200);
      expect(booked()).toBe(client);
    });

    it("the door, which opens to its own token and to each client's, and to no other", async () => {
      await start(NAMED, { BLOCKRUN_PROXY_TOKEN: DOOR_TOKEN });
      expect((await proxy.chat({}, by(DOOR_TOKEN))).status).toBe(200);
      expect(booked()).toBe('others');
      expect((await proxy.chat({}, by(TOKENS.research))).status).toBe(200);
      expect(booked()).toBe('research');
      for (const init of [{}, by('another-token-of-somebody'), inSession('session_id', 's-1')])
        expect((await proxy.chat({}, init)).json.error?.code).toBe('invalid_token');
    });

    it('what was bought: a client gets no answer that another has paid for', async () => {
      await start(NAMED);
      const body = chatBody();
      for (const init of [by(TOKENS.research), inSession('session_id', 's-1'), by(TOKENS.research)]) {
        const answer = await proxy.post(body, init);
        await answer.text();
      }
      expect((await budget()).clients).toMatchObject([{ calls: 1 }, { calls: 1 }, { calls: 0 }, { calls: 0 }]);
    });
  });

  it('shows a client that has a token nobody else, and the operator all', async () => {
    await start(
      [
        { name: 'research', tokenSha256: digestOf(TOKENS.research), dailyBudgetUsd: '0.5' },
        { name: 'writer', tokenSha256: digestOf(TOKENS.writer) },
      ],
      { BLOCKRUN_PROXY_TOKEN: DOOR_TOKEN },
    );
    await proxy.chat({}, by(TOKENS.writer));
    expect((await budget(by(TOKENS.research))).clients).toEqual([
      {
        client: 'research',
        capUsd: '0.500000',
        spentUsd: '0.000000',
        heldUsd: '0.000000',
        unresolvedUsd: '0.000000',
        calls: 0,
        remainingUsd: '0.500000',
      },
    ]);
    expect((await budget(by(DOOR_TOKEN))).clients).toMatchObject([{ client: 'research' }, { client: 'writer', capUsd: null, calls: 1 }]);
  });

  it('is no reason to wait for others: a client at its limit keeps nobody in the queue', async () => {
    await start([{ name: 'busy', session: 'busy', dailyBudgetUsd: capFor(1n) }], { BLOCKRUN_HOLD_WAIT_MS: '60000' });
    const running = proxy.chat({ stream: true, x_sandbox: { pauseAfterTokens: 1 } }, inSession('session_id', 'busy'));
    const waiting = proxy.chat({}, inSession('session_id', 'busy'));
    expect((await proxy.chat()).status).toBe(200);
    expect((await proxy.chat({}, inSession('session_id', 'another'))).status).toBe(200);
    let isOver = false;
    void waiting.finally(() => (isOver = true));
    while (!isOver) {
      world.seller.resume();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect([(await running).status, (await waiting).status].toSorted()).toEqual([200, 429]);
  });

  it('leaves a limit of calls in flight to all: who comes too many waits, then may come back', async () => {
    await start([], { BLOCKRUN_MAX_CONCURRENT: '1', BLOCKRUN_HOLD_WAIT_MS: '50' });
    let isOver = false;
    const running = proxy.chat({ stream: true, x_sandbox: { pauseAfterTokens: 1 } }).finally(() => (isOver = true));
    while ((await proxy.budget()).held === 0n) await new Promise((resolve) => setTimeout(resolve, 10));
    const { status, headers, json } = await proxy.chat();
    expect([status, json.error?.code, headers.get('retry-after'), headers.get('x-should-retry')]).toEqual([
      429,
      'concurrency_limit_reached',
      '2',
      null,
    ]);
    while (!isOver) {
      world.seller.resume();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await running).status).toBe(200);
    expect((await proxy.chat()).status).toBe(200);
  });
});
