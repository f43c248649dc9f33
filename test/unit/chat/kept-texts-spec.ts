import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeptTexts } from '../../../src/chat/kept-texts.js';

describe('the texts of an answer that are kept', () => {
  it('are given again as they came, whatever they hold', () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '€', '{"a":"\u{1f600}"}', '\n', '\0')));
    fc.assert(fc.property(texts, (given) => expect([...new KeptTexts(given)]).toEqual(given)));
  });

  it('are given as often as they are asked for', () => {
    const kept = new KeptTexts(['one', 'two']);
    expect([[...kept], [...kept]]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });
});
