import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { ModelCatalog } from '../../../src/models/model-catalog.js';
import { configDiff } from '../../../src/openclaw/config-diff.js';
import { heartbeatOf, turnEstimate } from '../../../src/openclaw/heartbeat.js';
import { PROVIDER_PATH } from '../../../src/openclaw/install-plan.js';
import { valueAt } from '../../../src/openclaw/json-edit.js';
import { readJson5 } from '../../../src/openclaw/json5-source.js';
import { baseUrlOf, providerEntry } from '../../../src/openclaw/provider-entry.js';
import { LIVED_IN, MODELS } from './lived-in.js';

const FACTS = { baseUrl: 'http://127.0.0.1:8787/v1', token: undefined, timeoutMs: 180_000, models: MODELS };

describe('the provider for OpenClaw', () => {
  it('has ids without a prefix, prices of a million tokens, sizes, and no key', () => {
    expect(providerEntry(FACTS)).toEqual({
      baseUrl: 'http://127.0.0.1:8787/v1',
      api: 'openai-completions',
      timeoutSeconds: 200,
      models: [
        {
          id: 'google/gemini-3-flash-preview',
          name: 'Gemini 3 Flash Preview (BlockRun)',
          reasoning: false,
          input: ['text', 'image'],
          cost: { input: 0.5, output: 3, cacheRead: 0.5, cacheWrite: 0.5 },
          contextWindow: 1_000_000,
          maxTokens: 8192,
          compat: { sendSessionAffinityHeaders: true },
        },
        {
          id: 'somebody/unknown',
          name: 'somebody/unknown (BlockRun)',
          reasoning: false,
          input: ['text'],
          maxTokens: 8192,
          compat: { sendSessionAffinityHeaders: true },
        },
      ],
    });
  });

  it('is what examples/openclaw.json5 says', () => {
    const { value } = readJson5(readFileSync(new URL('../../../examples/openclaw.json5', import.meta.url), 'utf8'));
    const example = valueAt(value, PROVIDER_PATH) as unknown as { models: { id: string }[] };
    const ids = example.models.map(({ id }) => id);
    const configuration = new Configuration({});
    const models = new ModelCatalog(configuration).all().filter(({ id }) => ids.includes(id));
    expect(providerEntry({ ...FACTS, baseUrl: baseUrlOf(configuration) ?? '', timeoutMs: configuration.timeoutMs, models })).toEqual(
      example,
    );
  });

  it('has the token where the proxy wants one, and leave to go to an address that is not of this machine', () => {
    expect(providerEntry({ ...FACTS, token: 'a-token-of-some-length' }).apiKey).toBe('a-token-of-some-length');
    expect(providerEntry({ ...FACTS, baseUrl: 'http://192.168.1.5:8787/v1' }).request).toEqual({ allowPrivateNetwork: true });
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8787/v1'],
    ['localhost', 'http://localhost:8787/v1'],
    ['::1', 'http://[::1]:8787/v1'],
    ['[::1]', 'http://[::1]:8787/v1'],
    ['0.0.0.0', 'http://127.0.0.1:8787/v1'],
    ['::', 'http://127.0.0.1:8787/v1'],
    ['192.168.1.5', 'http://192.168.1.5:8787/v1'],
  ])('reaches a proxy that listens on %s at %s', (host, url) => {
    expect(baseUrlOf({ host, port: 8787 })).toBe(url);
  });

  it('cannot name a port that the system will choose', () => {
    expect(baseUrlOf({ host: '127.0.0.1', port: 0 })).toBeUndefined();
  });
});

describe('the estimate of a turn', () => {
  it('is the seller’s arithmetic on what OpenClaw sends', () => {
    expect(turnEstimate(MODELS[0])).toEqual({
      inputTokens: 24_000n,
      inputMicroUsd: 12_000n,
      outputTokens: 820n,
      outputMicroUsd: 2460n,
      feeMicroUsd: 1000n,
      totalMicroUsd: 15_460n,
    });
    expect(turnEstimate(MODELS[1])).toBeUndefined();
  });

  it.each([
    [undefined, { every: '30m', beatsADay: 48 }],
    ['1h', { every: '1h', beatsADay: 24 }],
    ['90s', { every: '90s', beatsADay: 960 }],
    ['1d', { every: '1d', beatsADay: 1 }],
    ['0m', undefined],
    ['now and then', undefined],
    [30, undefined],
  ])('of a day with the heartbeat at %j has %j', (every, heartbeat) => {
    expect(heartbeatOf(every === undefined ? {} : { agents: { defaults: { heartbeat: { every } } } })).toEqual(heartbeat);
  });
});

describe('the diff of a configuration', () => {
  it('shows what changes and no secret beside it', () => {
    const diff = configDiff('/x/openclaw.json', LIVED_IN, LIVED_IN.replace('// the gateway', '// changed'));
    expect(diff).toContain('--- /x/openclaw.json\n+++ /x/openclaw.json\n');
    expect(diff).toContain("+  gateway: { mode: 'local', port: 18999, auth: { mode: 'token', token: '…' } }, // changed");
    expect(diff).not.toContain('not-to-be-shown');
  });

  it('of what is not there comes from nothing, and of no change is empty', () => {
    expect(configDiff('/x', undefined, '{}\n')).toBe('--- /dev/null\n+++ /x\n@@ -0,0 +1,1 @@\n+{}');
    expect(configDiff('/x', '{}\n', undefined)).toBe('--- /x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-{}');
    expect(configDiff('/x', '{}', '{}')).toBe('');
  });
});
