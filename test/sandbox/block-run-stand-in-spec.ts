import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PaymentRequired } from '@x402/core/types';
import { MODELS } from '../../sandbox/block-run/models.js';
import { priceOf } from '../../sandbox/block-run/pricing.js';
import { TREASURY } from '../../sandbox/block-run-stand-in.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { Buyer, chatBody, decode, eventsOf, MODEL } from './buyer.js';

let world: World;
let buyer: Buyer;

beforeAll(async () => {
  world = await startWorld({ chain: 'none' });
  buyer = new Buyer(world);
});
afterAll(() => world.stop());

describe('the price', () => {
  const model = (input: bigint, output: bigint) => ({ ...MODELS[0]!, inputMicroUsdPerMillion: input, outputMicroUsdPerMillion: output });
  const hundredThousand = { chars: 100_000, messages: 1, maxTokens: undefined };

  it('is what BlockRun charged in the two published cases', () => {
    expect(priceOf(model(435_000n, 870_000n), hundredThousand).totalMicroUsd).toBe(21_977n);
    expect(priceOf(model(1_320_000n, 3_960_000n), hundredThousand).totalMicroUsd).toBe(64_790n);
  });

  it('is never below the floor and its fee, and grows no more past the model’s longest answer', () => {
    const small = { chars: 1, messages: 1, maxTokens: 1 };
    expect(priceOf(MODELS[0]!, small).totalMicroUsd).toBe(2_000n);
    const longest = priceOf(MODELS[0]!, { ...small, maxTokens: MODELS[0]!.maxOutput });
    expect(priceOf(MODELS[0]!, { ...small, maxTokens: 10_000_000 })).toEqual(longest);
  });

  it('in the body of a 402 leaves out the fee that the offer has', async () => {
    const asked = await buyer.send(chatBody());
    const required = decode<PaymentRequired>(asked.headers.get('payment-required'));
    expect(required).toMatchObject({ x402Version: 2, accepts: [{ scheme: 'exact', amount: '2000', payTo: TREASURY }] });
    expect(await asked.json()).toMatchObject({ error: 'Payment Required', price: { amount: '0.001000', currency: 'USD' } });
  });
});

describe('what needs no payment', () => {
  it('a free model answers at once', async () => {
    const answer = await buyer.send(chatBody({ model: 'nvidia/gpt-oss-120b' }));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ model: 'nvidia/gpt-oss-120b' });
  });

  it('an unknown model and a bad body are refused', async () => {
    const unknown = await buyer.send(chatBody({ model: 'nobody/nothing' }));
    expect([unknown.status, await unknown.text()]).toEqual([400, expect.stringMatching(/unknown.*model/i)]);
    const invalid = await buyer.send('{"messages":[]}');
    expect([invalid.status, await invalid.json()]).toEqual([400, expect.objectContaining({ error: 'Invalid request body' })]);
  });

  it('the list of models comes in both shapes', async () => {
    const list = async () => (await fetch(world.seller.modelsUrl)).json();
    expect(await list()).toMatchObject({ object: 'list', data: expect.arrayContaining([expect.objectContaining({ id: MODEL })]) });
    world.seller.modelsShape = 'models';
    expect(await list()).toMatchObject({ models: expect.arrayContaining([expect.objectContaining({ id: MODEL })]) });
    world.seller.modelsShape = 'data';
  });
});

describe('answers', () => {
  const tools = [
    { type: 'function', function: { name: 'look_up', parameters: { properties: { city: { type: 'string' } }, required: ['city'] } } },
  ];
  const toolBody = (stream: boolean) => chatBody({ stream, tools, messages: [{ role: 'user', content: 'Use the tool.' }] });

  it('call a tool when they are told to, whole and in fragments', async () => {
    const whole = (await (await buyer.pay(toolBody(false))).json()) as { choices: [{ message: { tool_calls: [{ function: object }] } }] };
    const call = { name: 'look_up', arguments: '{"city":"sandbox"}' };
    expect(whole.choices[0].message.tool_calls[0].function).toEqual(call);

    const chunks = eventsOf(await (await buyer.pay(toolBody(true))).text()).slice(0, -1);
    const parsed = chunks.map(
      (text) => JSON.parse(text) as { choices: { delta: { tool_calls?: { function: { arguments: string } }[] } }[] },
    );
    const fragments = parsed.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []).map((part) => part.function.arguments);
    expect(fragments.length).toBeGreaterThan(3);
    expect(fragments.join('')).toBe(call.arguments);
  });

  it('end with length where max_tokens cuts them', async () => {
    const answer = await (await buyer.pay(chatBody({ max_tokens: 5 }))).json();
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 5 } });
  });
});
