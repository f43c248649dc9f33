import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { ModelCatalog } from '../../../src/models/model-catalog.js';
import type { ListedModel } from '../../../src/models/model-list.js';

const SIX = [
  'google/gemini-3-flash-preview',
  'openai/gpt-5.4-mini',
  'openai/gpt-5.4-nano',
  'anthropic/claude-haiku-4.5',
  'deepseek/deepseek-chat',
  'xai/grok-4.3',
];

const catalog = (BLOCKRUN_MODELS?: string) => new ModelCatalog(new Configuration({ BLOCKRUN_MODELS }));

describe('the model catalog', () => {
  it('allows six models unless told otherwise', () => {
    expect(
      catalog()
        .all()
        .map(({ id }) => id),
    ).toEqual(SIX);
  });

  it.each(['openai/gpt-5.4-mini', 'blockrun-x402/openai/gpt-5.4-mini'])('knows %s under its own id', (id) => {
    expect(catalog().allowed(id).model).toMatchObject({ id: 'openai/gpt-5.4-mini', name: 'GPT-5.4 Mini', contextWindow: 400_000 });
  });

  it.each([
    'openai/gpt-4',
    'OPENAI/GPT-5.4-MINI',
    'openai/gpt-5.4-mini ',
    '',
    '__proto__',
    'constructor',
    'blockrun-x402/',
    'blockrun-x402/blockrun-x402/openai/gpt-5.4-mini',
  ])('refuses %j, which is not on the list', (id) => {
    expect(() => catalog().allowed(id)).toThrow(expect.objectContaining({ code: 'model_not_found', param: 'model' }));
  });

  it('tells which models are allowed, and shows of a foreign id what is printable and short', () => {
    expect(() => catalog().allowed(`a\nb\u0007${'x'.repeat(5000)}`)).toThrow(
      /^The model 'a\?b\?x{96}' is not on this proxy's allowlist\. Allowed: google\//,
    );
  });

  it('has only the models of BLOCKRUN_MODELS when that is set, with what is known of each', () => {
    const some = catalog('xai/grok-4.3,nvidia/new-model');
    expect(some.all()).toEqual([expect.objectContaining({ id: 'xai/grok-4.3', maxOutputTokens: 16_384 }), { id: 'nvidia/new-model' }]);
    expect(() => some.allowed('openai/gpt-5.4-mini')).toThrow(expect.objectContaining({ code: 'model_not_found' }));
  });

  // Guards against an allowlist that is accepted at the start and on which no request can find its model.
  it('takes ids in BLOCKRUN_MODELS with the leading blockrun-x402/ as clients may write them', () => {
    expect(catalog('blockrun-x402/xai/grok-4.3').allowed('blockrun-x402/xai/grok-4.3').model.id).toBe('xai/grok-4.3');
  });

  it('has each rewriting for the models that config/models.json names for it', () => {
    const { rewrites } = catalog('anthropic/*').allowed('anthropic/claude-haiku-4.5');
    expect(rewrites).toEqual({
      plainToolIds: true,
      developerToSystem: true,
      renameMaxCompletionTokens: true,
      mostTokens: 8192,
      tokensWhenNoneIsSent: 1024,
    });
    expect(catalog().allowed('openai/gpt-5.4-mini').rewrites).toMatchObject({ plainToolIds: false, developerToSystem: false });
    expect(catalog('new/*').allowed('new/model').rewrites.mostTokens).toBeUndefined();
  });
});

describe('a pattern in BLOCKRUN_MODELS', () => {
  it('allows what it matches, listed or not, and nothing else', () => {
    const some = catalog('google/*,openai/gpt-5.4-*o');
    expect(some.allowed('google/gemini-9').model).toEqual({ id: 'google/gemini-9' });
    expect(some.allowed('blockrun-x402/google/gemini-9/thinking').model.id).toBe('google/gemini-9/thinking');
    expect(some.allowed('openai/gpt-5.4-nano').model.name).toBe('GPT-5.4 Nano');
    for (const id of ['openai/gpt-5.4-mini', 'googles/x', 'google', 'google/', 'x/google/y', 'google/a b', 'google/a\nb', 'google/*']) {
      expect(() => some.allowed(id)).toThrow(expect.objectContaining({ code: 'model_not_found' }));
    }
    expect(() => some.allowed(`google/${'x'.repeat(200)}`)).toThrow(expect.objectContaining({ code: 'model_not_found' }));
  });

  it('shows the models that are known and match', () => {
    const ids = catalog('openai/*,google/gemini-3-flash-preview')
      .all()
      .map(({ id }) => id);
    expect(ids).toEqual(['google/gemini-3-flash-preview', 'openai/gpt-5.4-mini', 'openai/gpt-5.4-nano']);
  });
});

describe('the seller’s list', () => {
  const list: ListedModel[] = [
    { id: 'google/gemini-3-flash-preview', inputPrice: '0.60', outputPrice: '3.50', contextWindow: 2_000_000, maxOutput: 32_000 },
    { id: 'google/gemini-new', name: 'New', inputPrice: '1.00', categories: ['chat', 'vision'] },
    { id: 'google/hidden', hidden: true },
    { id: 'google/video', categories: ['video'] },
    { id: 'evil/model', inputPrice: '0.00' },
    { id: 'openai/gpt-5.4-mini', available: false },
  ];
  const withList = (models?: string) => {
    const some = catalog(models);
    some.adopt(list);
    return some;
  };

  it('makes no model allowed', () => {
    for (const models of [undefined, 'google/*']) {
      expect(() => withList(models).allowed('evil/model')).toThrow(expect.objectContaining({ code: 'model_not_found' }));
      expect(
        withList(models)
          .all()
          .map(({ id }) => id),
      ).not.toContain('evil/model');
    }
  });

  it('says what an allowed model costs and can do now', () => {
    expect(withList().allowed('google/gemini-3-flash-preview')).toMatchObject({
      model: {
        name: 'Gemini 3 Flash Preview',
        inputUsdPerMillionTokens: '0.60',
        outputUsdPerMillionTokens: '3.50',
        contextWindow: 2_000_000,
        maxOutputTokens: 32_000,
        inputKinds: ['text', 'image'],
        isOffered: true,
      },
      rewrites: { mostTokens: 32_000 },
    });
  });

  // Guards against a seller that lists a price of its own liking, and then asks for it.
  it('does not change the price that a request is held against', () => {
    expect(withList().allowed('google/gemini-3-flash-preview').described.inputUsdPerMillionTokens).toBe('0.50');
    expect(withList('google/*').allowed('google/gemini-new').described).toEqual({ id: 'google/gemini-new' });
  });

  it('tells which models are not offered: those that it lacks, and those that it calls unavailable', () => {
    expect(withList().allowed('xai/grok-4.3').model).toMatchObject({ isOffered: false, maxOutputTokens: 16_384 });
    expect(withList().allowed('openai/gpt-5.4-mini').model.isOffered).toBe(false);
    expect(catalog().allowed('xai/grok-4.3').model.isOffered).toBeUndefined();
  });

  it('shows for a pattern the chat models that match it, but for hidden ones, which are allowed all the same', () => {
    const some = withList('google/*');
    expect(some.all().map(({ id }) => id)).toEqual(['google/gemini-3-flash-preview', 'google/gemini-new']);
    expect(some.allowed('google/gemini-new').model).toMatchObject({ name: 'New', inputKinds: ['text', 'image'] });
    expect(some.allowed('google/hidden').model).toEqual({ id: 'google/hidden', isOffered: true });
  });
});
