import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { collect } from '../support/collect.js';
import { OpenAiWatch } from '../support/openai-watch.js';
import { until } from '../support/until.js';
import { chatBody, MODEL, ProxyUnderTest } from './proxy.js';

const tool = (name: string) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] } },
});
const CALLED = { type: 'function', function: { name: 'weather', arguments: '{"place":"sandbox"}' } };
const ANSWER = 'This answer was made in the sandbox by no model at all';

type Request = Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, 'stream'>;
/** A request that no other is the same as. */
const asking = (content: string, fields: Partial<Request> & { x_sandbox?: object } = {}) =>
  ({ ...chatBody({ messages: [{ role: 'user', content }] }), ...fields }) as unknown as Request;

describe('the OpenAI SDK', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let watch: OpenAiWatch;
  let client: OpenAI;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
  });
  beforeEach(() => {
    watch = new OpenAiWatch();
    client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'unused', fetch: watch.fetch });
  });
  afterEach(async () => {
    expect(await watch.faults()).toEqual([]);
    expect(watch.seen).toBeGreaterThan(0);
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  it('gets a completion with its usage', async () => {
    const { choices, usage } = await client.chat.completions.create(asking('Say something.'));
    expect(choices).toMatchObject([{ finish_reason: 'stop', message: { role: 'assistant', content: ANSWER, refusal: null } }]);
    expect(usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 12, total_tokens: 16 });
    expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(0);
  });

  it.each([true, false])('gets a stream, with its usage when it asks for it (%s)', async (isAsked) => {
    const stream = await client.chat.completions.create({
      ...asking('Say something.'),
      stream: true,
      ...(isAsked && { stream_options: { include_usage: true } }),
    });
    const chunks = await collect(stream);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(ANSWER);
    expect(chunks.filter(({ choices }) => choices.length === 0).map(({ usage }) => usage?.total_tokens)).toEqual(isAsked ? [16] : []);
  });

  it('has several tools called, whole and in fragments, and gets an answer to what they said', async () => {
    const request = asking('Use the tools.', { tools: [tool('weather'), tool('time')], parallel_tool_calls: true });
    const whole = (await client.chat.completions.create(request)).choices[0]!;
    expect(whole).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [CALLED, { function: { name: 'time' } }] },
    });

    const streamed = (await client.chat.completions.stream({ ...request, user: 'streamed' }).finalChatCompletion()).choices[0]!;
    const calls = (message: typeof whole.message) => message.tool_calls?.map((call) => ({ ...call, id: '' }));
    expect(calls(streamed.message)).toMatchObject(calls(whole.message)!);
    expect(new Set(streamed.message.tool_calls?.map(({ id }) => id)).size).toBe(2);

    const results = (whole.message.tool_calls ?? []).map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sunny' }));
    const next = await client.chat.completions.create({ ...request, messages: [...request.messages, whole.message, ...results] });
    expect(next.choices[0]?.message.content).toBe(ANSWER);
  });

  it('runs its tools until there is an answer', async () => {
    const look = ({ place }: { place: string }) => `sunny in ${place}`;
    const called = { ...tool('weather').function, description: 'Tells the weather.', function: look, parse: JSON.parse };
    const runner = client.chat.completions.runTools({ ...asking('Use the tool.'), tools: [{ type: 'function', function: called }] });
    expect(await runner.finalContent()).toBe(ANSWER);
    expect(runner.messages).toContainEqual(expect.objectContaining({ role: 'tool', content: 'sunny in sandbox' }));
  });

  it('gets JSON in the shape that it asks for', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
    const format = { type: 'json_schema' as const, json_schema: { name: 'state', strict: true, schema } };
    const { choices } = await client.chat.completions.parse({ ...asking('Answer.'), response_format: format });
    expect(choices[0]?.message.parsed).toEqual({ ok: true });
  });

  it.each([false, true])('gets reasoning, refusals, logprobs and several choices (stream: %s)', async (isStreamed) => {
    const ask = async (request: Request) =>
      isStreamed ? client.chat.completions.stream(request).finalChatCompletion() : client.chat.completions.create(request);
    const reasoned = await ask(asking('Think.', { reasoning_effort: 'high', stream_options: { include_usage: true } }));
    if (!isStreamed) expect(reasoned.choices[0]?.message).toMatchObject({ reasoning_content: 'Let me think.', content: ANSWER });
    expect(reasoned.usage?.completion_tokens_details?.reasoning_tokens).toBe(3);
    expect((await ask(asking('Refuse this.'))).choices[0]?.message).toMatchObject({ content: null, refusal: 'I would rather not.' });
    const [logprob] = (await ask(asking('Say it.', { logprobs: true, top_logprobs: 2 }))).choices[0]?.logprobs?.content ?? [];
    expect(logprob).toMatchObject({ token: 'This', logprob: -0.617283945061728, top_logprobs: [{ token: 'This' }, { token: 'This1' }] });
    const { choices } = await ask(asking('Say it twice.', { n: 2 }));
    expect(choices.map(({ index, message }) => [index, message.content?.split(' ')[0]])).toEqual([
      [0, 'This'],
      [1, 'answer'],
    ]);
  });

  it('lists the models, and finds one', async () => {
    const ids = (await collect(client.models.list())).map(({ id }) => id);
    expect(ids).toContain(MODEL);
    expect(await client.models.retrieve(MODEL)).toMatchObject({ id: MODEL, object: 'model', owned_by: 'google' });
    await expect(client.models.retrieve('openai/gpt-99')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it.each<[string, object, object]>([
    ['a model off the list', { model: 'openai/gpt-99' }, { status: 404, code: 'model_not_found', param: 'model' }],
    ['a wrong field', { n: 0 }, { status: 400, code: 'invalid_request', param: 'n', type: 'invalid_request_error' }],
    ['a message that is none', { messages: ['hi'] }, { status: 400, param: 'messages[0]' }],
  ])('is told of %s, and asks once', async (_what, fields, error) => {
    await expect(client.chat.completions.create({ ...asking('x'), ...fields })).rejects.toMatchObject(error);
    expect(watch.seen).toBe(1);
  });

  it('that meets the daily cap asks once, and pays nothing', async () => {
    const poor = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_DAILY_BUDGET_USD: '0.001' } });
    const sends = world.seller.paidSends;
    const other = new OpenAI({ baseURL: `${poor.url}/v1`, apiKey: 'unused', fetch: watch.fetch });
    await expect(other.chat.completions.create(asking('x'))).rejects.toMatchObject({ status: 429, code: 'daily_limit_reached' });
    expect([watch.seen, world.seller.paidSends]).toEqual([1, sends]);
    await poor.remove();
  });

  it.each<[Fault, object, { asked: number; paid: number }]>([
    ['paid-500', { status: 400, code: 'payment_unresolved' }, { asked: 1, paid: 1 }],
    ['stream-error-first', { status: 400, code: 'payment_unresolved' }, { asked: 1, paid: 1 }],
    ['quote-huge', { status: 429, code: 'price_implausible' }, { asked: 1, paid: 0 }],
    ['error-500', { status: 502, code: 'upstream_error' }, { asked: 3, paid: 0 }],
  ])('that meets %s is told so, and pays at most once', async (fault, error, { asked, paid }) => {
    const sends = world.seller.paidSends;
    const stream = client.chat.completions.create({ ...asking('x', { x_sandbox: { fault } }), stream: true });
    await expect(stream).rejects.toMatchObject(error);
    expect([watch.seen, world.seller.paidSends - sends]).toEqual([asked, paid]);
  });

  it('that aborts a stream has paid for it once, and nothing stays held', async () => {
    const before = { held: (await proxy.budget()).held, sends: world.seller.paidSends };
    const stream = await client.chat.completions.create({
      ...asking('x', { x_sandbox: { tokens: 20, pauseAfterTokens: 3 } }),
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) stream.controller.abort();
    world.seller.resume();
    await until(async () => (await proxy.budget()).held === before.held, 'the booking');
    expect(world.seller.paidSends).toBe(before.sends + 1);
  });
});
