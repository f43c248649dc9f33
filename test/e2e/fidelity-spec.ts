import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { Buyer, eventsOf } from '../sandbox/buyer.js';
import { brokenFields, chatFields, limitedChatFields, numberText } from '../support/chat-arbitraries.js';
import { faultsOfAnswer } from '../support/openai-watch.js';
import { chatBody, chunksOf, dataOf, FREE_MODEL, MODEL, ProxyUnderTest } from './proxy.js';

const HAIKU = 'anthropic/claude-haiku-4.5';
const RUNS = { numRuns: 60 };

/** Without what no two answers share. */
const comparable = (text: string) => text.replace(/"(chatcmpl|call)[\w-]*"/g, '"$1"').replace(/"created":\d+/g, '"created":0');

describe('a request through the proxy', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let buyer: Buyer;
  let serial = 0;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    buyer = new Buyer(world);
    const environment = {
      BLOCKRUN_MODELS: `${MODEL},${FREE_MODEL},${HAIKU}`,
      BLOCKRUN_DAILY_BUDGET_USD: '1000',
      BLOCKRUN_REPLAY_WINDOW_MS: '0',
    };
    proxy = await ProxyUnderTest.start({ world, environment });
  });
  afterAll(async () => {
    expect(await proxy.budget()).toMatchObject({ held: 0n, unresolved: 0n });
    await proxy.remove();
    await world.stop();
  });

  const directly = async (body: string, model: string) => (model === FREE_MODEL ? buyer.send(body) : buyer.pay(body));

  it('gets the answer that the seller gives without it, field for field, streamed or not, at the same price', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(MODEL, FREE_MODEL, HAIKU), limitedChatFields, async (model, fields) => {
        const body = JSON.stringify({ model, ...fields });
        const answer = await proxy.post(body);
        const text = await answer.text();
        const paid = world.seller.settlements.at(-1)?.amountMicroUsd;
        const direct = await directly(body, model);
        const directText = await direct.text();
        await world.seller.idle();

        expect([answer.status, direct.status]).toEqual([200, 200]);
        expect(faultsOfAnswer('/v1/chat/completions', answer, text)).toEqual([]);
        if (!fields.stream)
          return expect([comparable(text), paid]).toEqual([comparable(directText), world.seller.settlements.at(-1)?.amountMicroUsd]);
        const wantsUsage = fields.stream_options?.include_usage === true;
        const events = eventsOf(directText).filter((data) => data !== '[DONE]' && (wantsUsage || !data.includes('"choices":[]')));
        expect(dataOf(text).map(comparable)).toEqual([...events, '[DONE]'].map(comparable));
      }),
      RUNS,
    );
  }, 240_000);

  it('reaches the seller with every field as it was sent, to the last digit, and only documented changes', async () => {
    await fc.assert(
      fc.asyncProperty(chatFields, fc.array(numberText), async (fields, numbers) => {
        const exact = numbers.map((number, at) => `"number${at}":${number},`).join('');
        const sent = `{${exact}${JSON.stringify({ model: MODEL, max_tokens: 20, ...fields }).slice(1)}`;
        const expected = sent.replaceAll(/"role":"developer"/g, '"role":"system"');
        await (await proxy.post(sent)).text();
        expect(world.seller.bodies.at(-1)?.raw.toString()).toBe(expected);
      }),
      RUNS,
    );
  }, 240_000);

  it('that is broken gets a 4xx in OpenAI’s shape, and holds nothing and asks nobody', async () => {
    const seller = { asked: world.seller.asked, sends: world.seller.paidSends };
    const before = await proxy.budget();
    const lines = proxy.audit().length;
    const broken = fc.oneof(
      brokenFields.map((fields) => JSON.stringify(chatBody(fields))),
      fc.tuple(chatFields, fc.double({ min: 0.05, max: 0.95 })).map(([fields, at]) => {
        const text = JSON.stringify(chatBody(fields));
        return text.slice(0, Math.floor(text.length * at));
      }),
      fc.constantFrom('model', 'messages', 'max_tokens', 'user').map((name) => `{"${name}":1,${JSON.stringify(chatBody()).slice(1)}`),
      fc
        .jsonValue()
        .filter((value) => typeof value !== 'object')
        .map((value) => JSON.stringify(value)),
      fc.constant(Buffer.from(JSON.stringify(chatBody({ user: 'ü' })), 'latin1')),
    );
    await fc.assert(
      fc.asyncProperty(broken, async (body) => {
        const answer = await fetch(`${proxy.url}/v1/chat/completions`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        });
        const text = await answer.text();
        expect([400, 404]).toContain(answer.status);
        expect(faultsOfAnswer('/v1/chat/completions', answer, text)).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(await proxy.budget()).toEqual(before);
    expect({ asked: world.seller.asked, sends: world.seller.paidSends }).toEqual(seller);
    expect(proxy.audit()).toHaveLength(lines);
  });

  /** A stream with the fault, that asks for its usage unless told otherwise. */
  const streamed = async (fault: Fault, fields: Record<string, unknown> = {}) => {
    serial += 1;
    const response = await proxy.post(
      chatBody({
        stream: true,
        stream_options: { include_usage: true },
        user: `fault-${serial}`,
        x_sandbox: { fault, tokens: 6 },
        ...fields,
      }),
    );
    const text = await response.text();
    expect(faultsOfAnswer('/v1/chat/completions', response, text)).toEqual([]);
    await world.seller.idle();
    return chunksOf(text);
  };
  const endsOf = (chunks: ReturnType<typeof chunksOf>) =>
    chunks
      .flatMap(({ choices }) => choices as unknown as { index: number; finish_reason: string | null }[])
      .flatMap(({ index, finish_reason: end }) => (end ? [[index, end]] : []));

  it('gets one usage chunk when it asks for it, wherever the seller tells the usage', async () => {
    for (const fault of ['stream-usage-beside', 'stream-usage-null', 'stream-lines'] as const) {
      const chunks = await streamed(fault);
      expect(chunks.filter(({ choices }) => choices.length === 0)).toMatchObject([{ usage: { completion_tokens: 6 } }]);
      expect(chunks.at(-1)?.choices).toEqual([]);
      expect(endsOf(chunks)).toEqual([[0, 'stop']]);
      const without = await streamed(fault, { stream_options: null });
      expect(without.filter(({ choices }) => choices.length === 0)).toEqual([]);
    }
  });

  it.each<[Fault, number, [number, string][], 'settled' | 'unresolved']>([
    [
      'stream-cut',
      2,
      [
        [0, 'length'],
        [1, 'length'],
      ],
      'unresolved',
    ],
    [
      'stream-cut-late',
      2,
      [
        [0, 'stop'],
        [1, 'length'],
      ],
      'unresolved',
    ],
    [
      'stream-no-finish',
      3,
      [
        [0, 'length'],
        [1, 'length'],
        [2, 'length'],
      ],
      'unresolved',
    ],
    ['stream-cut-late', 1, [[0, 'stop']], 'settled'],
    [
      'stream-as-json',
      2,
      [
        [0, 'stop'],
        [1, 'stop'],
      ],
      'settled',
    ],
  ])('with %s and n: %i ends for every choice, and is booked by what came', async (fault, n, ends, state) => {
    const own = await ProxyUnderTest.start({ world });
    const answer = await own.chat({ stream: true, n, x_sandbox: { fault, tokens: 6 } });
    expect(endsOf(chunksOf(answer.text))).toEqual(ends);
    expect(dataOf(answer.text).at(-1)).toBe('[DONE]');
    expect(own.audit().at(-1)).toMatchObject({ event: 'chat_completion', state });
    await own.remove();
  });

  it('with a byte order mark is understood; with broken characters it is refused', async () => {
    const text = JSON.stringify(chatBody());
    expect((await proxy.post(`\ufeff${text}`)).status).toBe(200);
    expect(world.seller.bodies.at(-1)?.raw.toString()).toBe(text);
    const broken = await proxy.post('', { body: Buffer.from(JSON.stringify(chatBody({ user: 'ü' })), 'latin1') });
    expect([broken.status, await broken.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_json', message: 'The body is not valid UTF-8.' } },
    ]);
  });
});
