import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { ModelCatalog } from '../../../src/models/model-catalog.js';

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
    expect(catalog().allowed(id)).toMatchObject({ id: 'openai/gpt-5.4-mini', name: 'GPT-5.4 Mini', contextWindow: 400_000 });
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
    expect(catalog('blockrun-x402/xai/grok-4.3').allowed('blockrun-x402/xai/grok-4.3').id).toBe('xai/grok-4.3');
  });
});
