import { describe, expect, it } from '@jest/globals';
import type { Model } from '../../../src/models/model.js';
import { modelChanges } from '../../../src/models/model-changes.js';

const model = (facts: Partial<Model> = {}): Model => ({
  id: 'a/b',
  isOffered: true,
  inputUsdPerMillionTokens: '0.50',
  outputUsdPerMillionTokens: '3.00',
  ...facts,
});
const gone = [{ kind: 'gone', model: 'a/b' }];

describe('what a new list changes', () => {
  it.each<[string, Model[], Model[], object[]]>([
    ['nothing', [model()], [model()], []],
    ['a first list that says the same', [model({ isOffered: undefined as never })], [model()], []],
    ['the same price in another spelling', [model({ inputUsdPerMillionTokens: '0.5' })], [model()], []],
    ['a model that is not offered any more', [model()], [model({ isOffered: false })], gone],
    ['a model that only a pattern knew', [model()], [], gone],
    ['a model that the first list lacks', [{ id: 'a/b' }], [{ id: 'a/b', isOffered: false }], gone],
    ['a model that stays away', [model({ isOffered: false })], [model({ isOffered: false })], []],
    ['a model that comes back', [model({ isOffered: false })], [model()], [{ kind: 'back', model: 'a/b' }]],
    ['a model that is new', [], [model()], []],
    ['a price that becomes known', [{ id: 'a/b' }], [model()], []],
    [
      'another price',
      [model()],
      [model({ outputUsdPerMillionTokens: '6.00' })],
      [{ kind: 'price', model: 'a/b', before: '0.50 in, 3.00 out', now: '0.50 in, 6.00 out' }],
    ],
    [
      'another price of one that comes back',
      [model({ isOffered: false })],
      [model({ inputUsdPerMillionTokens: '1.00' })],
      [
        { kind: 'back', model: 'a/b' },
        { kind: 'price', model: 'a/b', before: '0.50 in, 3.00 out', now: '1.00 in, 3.00 out' },
      ],
    ],
    [
      'another price for a request',
      [{ id: 'a/b', usdPerRequest: '0.01' }],
      [{ id: 'a/b', usdPerRequest: '0.02', isOffered: true }],
      [{ kind: 'price', model: 'a/b', before: '0.01 a request', now: '0.02 a request' }],
    ],
  ])('%s', (_what, before, now, changes) => {
    expect(modelChanges(before, now)).toEqual(changes);
  });
});
