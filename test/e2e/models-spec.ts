import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { until } from '../support/until.js';
import { MODEL, ProxyUnderTest } from './proxy.js';

interface Listed {
  id: string;
  object: string;
  offered: boolean | null;
  context_window?: number;
  max_output_tokens?: number;
  pricing?: { input?: string; output?: string };
}
interface List {
  object: string;
  data: Listed[];
  seller_list_at: string | null;
}

describe('the models', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
  });
  afterAll(() => world.stop());

  const listed = async (proxy: ProxyUnderTest, id = MODEL) => (await proxy.get<List>('/v1/models')).data.find((model) => model.id === id);
  const gotten = (proxy: ProxyUnderTest) =>
    until(async () => (await proxy.get<List>('/v1/models')).seller_list_at !== null, 'the seller’s list to be got');

  it.each(['data', 'models'] as const)(
    'are listed in OpenAI’s shape with what the seller’s list says of them (in its shape "%s")',
    async (shape) => {
      world.seller.modelsShape = shape;
      const proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_MODELS: 'google/*,nvidia/*,openai/gpt-99' } });
      await gotten(proxy);
      const { object, data } = await proxy.get<List>('/v1/models');
      expect(object).toBe('list');
      expect(data.map(({ id, offered }) => [id, offered])).toEqual([
        ['openai/gpt-99', false],
        [MODEL, true],
        ['nvidia/gpt-oss-120b', true],
      ]);
      expect(data[1]).toEqual({
        id: MODEL,
        object: 'model',
        created: 0,
        owned_by: 'google',
        name: 'Gemini 3 Flash Preview',
        context_window: 1_048_576,
        max_output_tokens: 65_536,
        input_kinds: ['text', 'image'],
        pricing: { input: '0.50', output: '3.00', unit: 'USD per million tokens' },
        offered: true,
      });
      expect(await proxy.get(`/v1/models/${MODEL}`)).toEqual(data[1]);
      expect(await proxy.get('/v1/models/google/unlisted')).toMatchObject({ id: 'google/unlisted', offered: false });
      expect((await fetch(`${proxy.url}/v1/models/xai/grok-4.3`)).status).toBe(404);
      await proxy.remove();
    },
  );

  it('that match a pattern can be bought without being listed; others cannot', async () => {
    const proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_MODELS: 'openai/*' } });
    world.seller.models = world.seller.models.map((model) => ({ ...model }));
    expect((await proxy.chat({ model: 'blockrun-x402/openai/gpt-5.4-mini' })).status).toBe(200);
    // Nobody but the seller knows that it has no such model, and it says so before any payment.
    expect(await proxy.chat({ model: 'openai/no-such-model' })).toMatchObject({
      status: 400,
      json: { error: { code: 'seller_rejected' } },
    });
    expect(await proxy.chat({ model: MODEL })).toMatchObject({ status: 404, json: { error: { code: 'model_not_found' } } });
    await proxy.remove();
  });

  it('that change are told in the audit and in the list; offline the last list stays', async () => {
    const models = world.seller.models;
    const proxy = await ProxyUnderTest.start({ world });
    await gotten(proxy);
    await proxy.stop();
    // An hour later the seller has another price and one model less.
    rmSync(`${proxy.directory}/seller-models.json`);
    world.seller.models = models
      .filter(({ id }) => id !== 'openai/gpt-5.4-nano')
      .map((model) => (model.id === MODEL ? { ...model, inputMicroUsdPerMillion: 700_000n } : model));
    const later = await ProxyUnderTest.start({ world, directory: proxy.directory });
    await until(() => later.audit().filter(({ event }) => event === 'model_changed').length === 2, 'both changes to be told');
    expect(later.audit().filter(({ event }) => event === 'model_changed')).toMatchObject([
      { kind: 'price', model: MODEL, before: '0.50 in, 3.00 out', now: '0.70 in, 3.00 out' },
      { kind: 'gone', model: 'openai/gpt-5.4-nano' },
    ]);
    await later.stop();
    world.seller.models = models;

    const environment = { BLOCKRUN_CHAT_URL: 'http://127.0.0.1:9/api/v1/chat/completions' };
    const offline = await ProxyUnderTest.start({ world, directory: proxy.directory, environment });
    expect(await listed(offline)).toMatchObject({ offered: true, pricing: { input: '0.70' } });
    expect(await listed(offline, 'openai/gpt-5.4-nano')).toMatchObject({ offered: false });
    await offline.remove();
  });

  it('are asked for no more often than the seller allows, over restarts', async () => {
    world.seller.modelsLimitedUntil = Date.now() + 3_600_000;
    const before = world.seller.modelsAsked;
    const proxy = await ProxyUnderTest.start({ world });
    await until(() => world.seller.modelsAsked > before, 'the list to be asked for');
    expect((await listed(proxy))?.offered).toBeNull();
    await proxy.stop();
    world.seller.modelsLimitedUntil = 0;
    for (let restarts = 0; restarts < 3; restarts += 1) {
      const again = await ProxyUnderTest.start({ world, directory: proxy.directory });
      expect((await again.chat()).status).toBe(200);
      await again.stop();
    }
    expect(world.seller.modelsAsked).toBe(before + 1);
    await proxy.remove();
  });

  it('are not asked for in a dry run', async () => {
    const before = world.seller.modelsAsked;
    const proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_DRY_RUN: '1' } });
    expect((await proxy.chat()).status).toBe(200);
    expect(await proxy.get('/v1/models')).toMatchObject({ seller_list_at: null });
    await proxy.remove();
    expect(world.seller.modelsAsked).toBe(before);
  });
});
