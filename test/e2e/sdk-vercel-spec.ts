import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateText, type JSONSchema7, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { startWorld, type World } from '../../sandbox/world.js';
import { collect } from '../support/collect.js';
import { OpenAiWatch } from '../support/openai-watch.js';
import { until } from '../support/until.js';
import { MODEL, ProxyUnderTest } from './proxy.js';

const ANSWER = 'This answer was made in the sandbox by no model at all';
const PLACE: JSONSchema7 = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'], additionalProperties: false };

let requests = 0;

describe('the Vercel AI SDK', () => {
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
    const user = `vercel-${requests}`;
    const provider = createOpenAICompatible({
      name: 'blockrun',
      baseURL: `${proxy.url}/v1`,
      includeUsage: true,
      supportsStructuredOutputs: true,
      fetch: watch.fetch,
      transformRequestBody: (body) => ({ ...body, user, ...fields }),
    });
    return provider.chatModel(id);
  };
  const weather = tool({
    description: 'Tells the weather.',
    inputSchema: jsonSchema<{ place: string }>(PLACE),
    execute: ({ place }) => `sunny in ${place}`,
  });

  it('gets a text with its usage', async () => {
    const { text, usage, finishReason } = await generateText({ model: model(), prompt: 'Say something.' });
    expect([text, finishReason, usage.inputTokens, usage.outputTokens]).toEqual([ANSWER, 'stop', 4, 12]);
  });

  it('gets a stream with its usage and what the model thought', async () => {
    const result = streamText({ model: model({ reasoning_effort: 'low' }), prompt: 'Say something.' });
    expect((await collect(result.textStream)).join('')).toBe(ANSWER);
    expect(await result.reasoningText).toBe('Let me think.');
    expect((await result.usage).outputTokens).toBe(15);
  });

  it.each([false, true])('has its tool called and goes on with what that said (stream: %s)', async (isStreamed) => {
    const call = { model: model(), prompt: 'Use the tool.', tools: { weather }, stopWhen: stepCountIs(3) };
    const result = isStreamed ? streamText(call) : await generateText(call);
    expect(await result.text).toBe(ANSWER);
    const [first] = await result.steps;
    expect(first?.toolCalls).toMatchObject([{ toolName: 'weather', input: { place: 'sandbox' } }]);
    expect(first?.toolResults).toMatchObject([{ output: 'sunny in sandbox' }]);
  });

  it('gets an object in the shape that it asks for', async () => {
    const output = Output.object({ schema: jsonSchema<{ place: string }>(PLACE) });
    expect((await generateText({ model: model(), prompt: 'Where?', output })).output).toEqual({ place: 'sandbox' });
  });

  it('is told what is wrong, and asks once', async () => {
    const call = generateText({ model: model({}, 'openai/gpt-99'), prompt: 'x' });
    await expect(call).rejects.toMatchObject({ statusCode: 404, isRetryable: false, message: expect.stringContaining('allowlist') });
    expect(watch.seen).toBe(1);
  });

  it('pays once for an answer that is lost', async () => {
    const sends = world.seller.paidSends;
    await expect(generateText({ model: model({ x_sandbox: { fault: 'paid-500' } }), prompt: 'x' })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect([watch.seen, world.seller.paidSends - sends]).toEqual([1, 1]);
  });

  it('gets a stream that broke as one that was cut', async () => {
    const result = streamText({ model: model({ x_sandbox: { fault: 'stream-cut' } }), prompt: 'x' });
    expect((await collect(result.textStream)).join('')).not.toBe('');
    expect(await result.finishReason).toBe('length');
    expect(watch.seen).toBe(1);
  });

  it('that aborts a stream has paid for it once, and nothing stays held', async () => {
    const before = { held: (await proxy.budget()).held, sends: world.seller.paidSends };
    const client = new AbortController();
    const directions = { x_sandbox: { tokens: 20, pauseAfterTokens: 3 } };
    const result = streamText({ model: model(directions), prompt: 'x', abortSignal: client.signal, onError: () => undefined });
    for await (const part of result.fullStream) if (part.type === 'text-delta') client.abort();
    world.seller.resume();
    await until(async () => (await proxy.budget()).held === before.held, 'the booking');
    expect(world.seller.paidSends).toBe(before.sends + 1);
  });
});
