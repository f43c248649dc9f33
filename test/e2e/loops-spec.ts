import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startWorld, type World } from '../../sandbox/world.js';
import { Clock } from '../../src/clock/clock.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { clientsIn, digestOf } from '../support/clients.js';
import { StoppableClock } from '../support/stoppable-clock.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { chatBody, FREE_MODEL, MODEL, ProxyUnderTest } from './proxy.js';

const TOKEN = 'the-token-of-research';
const RESEARCH = { headers: { authorization: `Bearer ${TOKEN}` } };

describe('a loop of tool calls is stopped', () => {
  let world: World;
  let directory: TemporaryDirectory;
  let proxy: ProxyUnderTest;
  let price: bigint;
  const clock = new StoppableClock();
  /** A minute that lies ahead: the wallet signs by the real time, which must not be later than the proxy's. */
  let minute: number;

  beforeAll(async () => {
    world = await startWorld();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  beforeEach(() => {
    directory = new TemporaryDirectory();
    minute = (Math.floor(Date.now() / 60_000) + 2) * 60_000;
  });
  afterEach(async () => {
    await world.seller.idle();
    await proxy.remove();
    directory.remove();
  });
  afterAll(() => world.stop());

  /** On a clock that stands still at the given second of the minute. */
  const start = async (second: number, clients: object[], environment: Record<string, string> = {}) => {
    clock.stopAt(minute + second * 1000);
    proxy = await ProxyUnderTest.start({
      world,
      environment: { ...clientsIn(directory.file('clients.json'), clients), ...environment },
      override: (builder) => builder.overrideProvider(Clock).useValue(clock),
    });
    return { settled: world.seller.settlements.length };
  };

  /** An agent whose model asks for its tool again and again; like OpenClaw it ends each turn with a message of the user. */
  const loop = async (client: OpenAI) => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Use the tool.' }];
    const tools = [{ type: 'function' as const, function: { name: 'exec', parameters: {} } }];
    for (let turn = 1; turn <= 40; turn += 1) {
      const { choices } = await client.chat.completions.create({ model: MODEL, messages, tools, max_tokens: 100 });
      const { tool_calls: calls = [] } = choices[0]!.message;
      if (calls.length === 0) throw new Error('the model asked for no tool');
      messages.push({ role: 'assistant', content: null, tool_calls: calls });
      messages.push(...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: `turn ${turn}` })));
      messages.push({ role: 'user', content: 'Use the tool.' });
    }
    throw new Error('nothing stopped the loop');
  };
  const agent = () => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: TOKEN });
  it('by its requests per minute, without a single repeat, and says when it may go on', async () => {
    const before = await start(37, [{ name: 'research', tokenSha256: digestOf(TOKEN), maxRequestsPerMinute: 6 }]);
    const resets = new Date(minute + 60_000).toISOString().slice(11, 16);
    await expect(loop(agent())).rejects.toMatchObject({
      status: 429,
      code: 'minute_limit_reached',
      message: expect.stringContaining(
        `Limit per minute reached: 6 of 6 requests used by client research in this minute, so this request exceeds your current quota. ` +
          `Resets at ${resets} UTC (in 23 seconds).`,
      ) as unknown,
    });
    expect(world.seller.settlements.length - before.settled).toBe(6);
    expect(proxy.audit().filter(({ event }) => event === 'budget_reject')).toMatchObject([
      { code: 'minute_limit_reached', client: 'research', limit: 'requests-per-minute of research' },
    ]);
    expect((await proxy.chat()).status).toBe(200); // somebody else
    clock.stopAt(minute + 60_000);
    expect((await proxy.chat({}, RESEARCH)).status).toBe(200);
  });

  it('by what it spends in a minute', async () => {
    const before = await start(0, [], { BLOCKRUN_MAX_USD_PER_MINUTE: formatUsd(3n * price) });
    await expect(loop(agent())).rejects.toMatchObject({ code: 'minute_limit_reached' });
    const settled = world.seller.settlements.slice(before.settled).reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n);
    expect(settled > 0n && settled <= 3n * price).toBe(true);
    clock.stopAt(minute + 60_000);
    expect((await proxy.chat()).status).toBe(200);
  });

  it('of free answers too, since they are requests', async () => {
    await start(0, [], { BLOCKRUN_MAX_REQUESTS_PER_MINUTE: '2' });
    const statuses = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await proxy.chat({ model: FREE_MODEL })).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });
});
