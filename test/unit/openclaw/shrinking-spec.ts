import { describe, expect, it } from '@jest/globals';
import { ConfigDocument } from '../../../src/openclaw/config-document.js';
import { PROVIDER_PATH } from '../../../src/openclaw/install-plan.js';
import { providerEntry } from '../../../src/openclaw/provider-entry.js';
import { looksLikeDamage, shrinkSteps } from '../../../src/openclaw/shrinking.js';
import { BY_OPENCLAW, LIVED_IN, MODELS } from './lived-in.js';

const entryOf = (count: number) =>
  providerEntry({
    baseUrl: 'http://127.0.0.1:8787/v1',
    token: undefined,
    timeoutMs: 1000,
    models: Array.from({ length: count }, (_, index) => ({ ...MODELS[0], id: `a/${index}` })),
  });

describe('a configuration that shrinks', () => {
  it.each(
    [BY_OPENCLAW, LIVED_IN, '{}', '{"a":1}'].flatMap((before) => [0, 1, 2, 6, 40].map((count) => [before.length, count, before] as const)),
  )('to %d characters with %d models to go never loses more than half at a time', (_, count, before) => {
    const document = ConfigDocument.read(before).with([{ path: PROVIDER_PATH, value: entryOf(count) }]);
    const steps = shrinkSteps(document, before);
    expect(steps.at(-1)).toBe(before);
    let now = document.text;
    for (const step of steps) {
      expect(looksLikeDamage(now, step)).toBe(false);
      now = step;
    }
  });

  it('by less than half goes in one step', () => {
    const document = ConfigDocument.read(`${LIVED_IN}// ${'x'.repeat(400)}`).with([{ path: PROVIDER_PATH, value: entryOf(6) }]);
    expect(shrinkSteps(document, LIVED_IN.repeat(3))).toEqual([LIVED_IN.repeat(3)]);
  });
});
