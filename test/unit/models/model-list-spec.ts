import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isChatModel, readModelList } from '../../../src/models/model-list.js';

const list = (...models: unknown[]) => JSON.stringify({ object: 'list', data: models });
const one = (fields: object) => readModelList(list({ id: 'a/b', ...fields }))[0];

describe('the seller’s list of models', () => {
  it('is read in both shapes that it is known in', () => {
    const models = [{ id: 'google/gemini', pricing: { input: 0.5, output: 3 }, context_window: 1000, max_output: 100, available: true }];
    const read = [{ id: 'google/gemini', inputPrice: '0.50', outputPrice: '3.00', contextWindow: 1000, maxOutput: 100, available: true }];
    expect(readModelList(JSON.stringify({ object: 'list', data: models }))).toEqual(read);
    expect(readModelList(JSON.stringify({ models }))).toEqual(read);
  });

  it.each([
    [
      { inputPrice: 0.2, outputPrice: 1.25 },
      { inputPrice: '0.20', outputPrice: '1.25' },
    ],
    [
      { input_price: '0.2', output_price: '10' },
      { inputPrice: '0.20', outputPrice: '10.00' },
    ],
    [{ pricing: { input: 0.000001, output: 0 } }, { inputPrice: '0.000001', outputPrice: '0.00' }],
    [{ pricing: { flat: 0.01 }, billing_mode: 'flat' }, { flatPrice: '0.01' }],
    [{ flatPrice: 0.01, billingMode: 'flat' }, { flatPrice: '0.01' }],
    [{ billing_mode: 'free' }, { inputPrice: '0.00', outputPrice: '0.00' }],
    [
      { contextWindow: 5, maxOutput: 4 },
      { contextWindow: 5, maxOutput: 4 },
    ],
    [
      { categories: ['chat', 5, 'vision'], hidden: true, available: false },
      { categories: ['chat', 'vision'], hidden: true, available: false },
    ],
  ])('has in %j the facts %j', (fields, facts) => {
    expect(one(fields)).toMatchObject(facts);
  });

  it.each([
    [{ inputPrice: -1 }],
    [{ inputPrice: 'much' }],
    [{ inputPrice: '1e9' }],
    [{ inputPrice: 2_000_000 }],
    [{ contextWindow: 0 }],
    [{ contextWindow: 1.5 }],
    [{ maxOutput: '100' }],
    [{ maxOutput: 1e10 }],
    [{ name: 'two\nlines' }],
    [{ name: 'x'.repeat(101) }],
    [{ pricing: 'free' }],
    [{ pricing: null }],
    [{ categories: 'chat' }],
    [{ hidden: 'yes', available: 1 }],
  ])('has nothing of %j', (fields) => {
    expect(one(fields)).toEqual({ id: 'a/b' });
  });

  it('leaves out what is no model, and of one that stands twice the first', () => {
    expect(
      readModelList(list(null, 5, {}, { id: 5 }, { id: 'no-provider' }, { id: 'a/b c' }, { id: 'a/b', name: '1' }, { id: 'a/b' })),
    ).toEqual([{ id: 'a/b' }]);
  });

  it.each([
    '',
    '<html>',
    'null',
    '5',
    '[]',
    '{}',
    '{"data":{}}',
    list(),
    list({ id: '' }),
    list(...Array.from({ length: 5001 }, () => ({ id: 'a/b' }))),
  ])('is none when it is %j', (text) => {
    expect(() => readModelList(text)).toThrow();
  });

  it('can be read again after it was kept, and survives whatever stands in it', () => {
    const name = fc.constantFrom('id', 'name', 'pricing', 'inputPrice', 'maxOutput', 'categories', 'billing_mode', 'hidden', 'available');
    fc.assert(
      fc.property(fc.array(fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.constant('a/b')))), (entries) => {
        const read = readModelList(list({ id: 'c/d' }, ...entries));
        expect(readModelList(JSON.stringify({ models: read }))).toEqual(JSON.parse(JSON.stringify(read)));
      }),
    );
  });

  it.each([
    [undefined, true],
    [[], true],
    [['chat', 'image'], true],
    [['coding'], true],
    [['image'], false],
    [['speech', 'music'], false],
  ])('calls a model with the categories %j one for chat: %s', (categories, isChat) => {
    expect(isChatModel({ id: 'a/b', categories })).toBe(isChat);
  });
});
