import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AIMessageChunk, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { startWorld, type World } from '../../sandbox/world.js';
import { collect } from '../support/collect.js';
import { OpenAiWatch } from '../support/openai-watch.js';
import { until } from '../support/until.js';
import { MODEL, ProxyUnderTest } from './proxy.js';

const ANSWER = 'This answer was made in the sandbox by no model at all';
const PLACE = {
  title: 'place',
  type: 'object',
  properties: { place: { type: 'string' } },
  required: ['place'],
  additionalProperties: false,
};
const TOOL = { type: 'function' as const, function: { name: 'weather', description: 'Tells the weather.', parameters: PLACE } };

let requests = 0;

describe('LangChain.js', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let watch: OpenAiWatch;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
  });
  beforeEach(() => {
    watch = new OpenAiWatch();
  });
  afterEach(async () => {
    expect(await watch.faults()).toEqual([]);
    expect(watch.seen).toBeGreaterThan(0);
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  /** A model whose requests no others are the same as; `fields` go into their bodies. */
  const model = (fields: Record<string, unknown> = {}, id: string = MODEL) => {
    requests += 1;
    return new ChatOpenAI({
      model: id,
      apiKey: 'unused',
      configuration: { baseURL: `${proxy.url}/v1`, fetch: watch.fetch },
      modelKwargs: { user: `langchain-${requests}`, ...fields },
    });
  };

  it('gets a message with its usage', async () => {
    const message = await model().invoke('Say something.');
    expect(message.content).toBe(ANSWER);
    expect(message.usage_metadata).toMatchObject({ input_tokens: 4, output_tokens: 12 });
  });

  it.each(['stream-crlf-split', 'stream-usage-beside', 'stream-usage-null', undefined])(
    'gets a stream, and its usage once, wherever the seller tells it (%s)',
    async (fault) => {
      const chunks = await collect(await model(fault ? { x_sandbox: { fault } } : {}).stream('Say something.'));
      const whole = chunks.reduce((all, chunk) => all.concat(chunk));
      expect(whole.text.split(' ')).toHaveLength(12);
      expect(whole.usage_metadata).toMatchObject({ input_tokens: 4, output_tokens: 12, total_tokens: 16 });
    },
  );

  it.each([false, true])('has its tool called, and goes on with what that said (stream: %s)', async (isStreamed) => {
    const bound = model().bindTools([TOOL]);
    const asked = new HumanMessage('Use the tool.');
    const called = isStreamed
      ? (await collect(await bound.stream([asked]))).reduce((all, chunk) => all.concat(chunk), new AIMessageChunk(''))
      : await bound.invoke([asked]);
    expect(called.tool_calls).toMatchObject([{ name: 'weather', args: { place: 'sandbox' } }]);
    const said = new ToolMessage({ content: 'sunny', tool_call_id: called.tool_calls?.[0]?.id ?? '' });
    expect((await bound.invoke([asked, called, said])).content).toBe(ANSWER);
  });

  it.each(['jsonSchema', 'functionCalling', 'jsonMode'] as const)('gets an object in the shape that it asks for, by %s', async (method) => {
    const answer = await model().withStructuredOutput(PLACE, { method }).invoke('Where? In JSON.');
    expect(answer).toEqual(method === 'jsonMode' ? {} : { place: 'sandbox' });
  });

  it('is told what is wrong, and asks once', async () => {
    await expect(model({}, 'openai/gpt-99').invoke('x')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    expect(watch.seen).toBe(1);
  });

  it('pays once for an answer that is lost', async () => {
    const sends = world.seller.paidSends;
    await expect(model({ x_sandbox: { fault: 'paid-500' } }).invoke('x')).rejects.toMatchObject({ code: 'payment_unresolved' });
    expect([watch.seen, world.seller.paidSends - sends]).toEqual([1, 1]);
  });

  it('that aborts a stream has paid for it once, and nothing stays held', async () => {
    const before = { held: (await proxy.budget()).held, sends: world.seller.paidSends };
    const client = new AbortController();
    const stream = await model({ x_sandbox: { tokens: 20, pauseAfterTokens: 3 } }).stream('x', { signal: client.signal });
    const read = async () => {
      for await (const chunk of stream) if (chunk.content) client.abort();
    };
    await expect(read()).rejects.toThrow(/abort/i);
    world.seller.resume();
    await until(async () => (await proxy.budget()).held === before.held, 'the booking');
    expect(world.seller.paidSends).toBe(before.sends + 1);
  });
});
