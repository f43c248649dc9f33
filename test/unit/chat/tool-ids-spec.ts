import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainToolIds } from '../../../src/chat/tool-ids.js';

const written = (ids: string[]) => {
  const plain = plainToolIds(ids);
  return ids.map((id) => plain.get(id) ?? id);
};

describe('tool ids', () => {
  it('of letters, digits, _ and - stay as they are', () => {
    expect(plainToolIds(['call_1', 'toolu-2', 'A']).size).toBe(0);
    expect(plainToolIds([]).size).toBe(0);
  });

  it.each([
    [
      ['call:1', 'call:1'],
      ['call_1', 'call_1'],
    ],
    [['functions.exec:0'], ['functions_exec_0']],
    [
      ['a.b', 'a_b'],
      ['a_b', 'a_b_2'],
    ],
    [
      ['a_b', 'a.b', 'a:b'],
      ['a_b', 'a_b_2', 'a_b_3'],
    ],
    [
      ['a_b_2', 'a.b', 'a:b', 'a;b'],
      ['a_b_2', 'a_b', 'a_b_3', 'a_b_4'],
    ],
    [
      ['', '.', 'é'],
      ['_', '__2', '__3'],
    ],
  ])('%j are written as %j', (ids, expected) => {
    expect(written(ids)).toEqual(expected);
  });

  it('are plain and stay as different as they were, whatever they are, and keep their names when the conversation grows', () => {
    const id = fc.string({ unit: fc.constantFrom('a', '_', '2', '.', ':', 'ü'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(id), fc.array(id), (ids, later) => {
        const all = written([...ids, ...later]);
        expect(all.every((one) => /^[a-zA-Z0-9_-]+$/.test(one))).toBe(true);
        expect(new Set(all).size).toBe(new Set([...ids, ...later]).size);
        expect(all.slice(0, ids.length)).toEqual(written(ids));
      }),
    );
  });

  it('that all become the same name are numbered in a time that grows with their number only', () => {
    const ids = Array.from({ length: 50_000 }, (_, number) => String.fromCodePoint(0x10000 + number));
    expect(new Set(written(ids)).size).toBe(ids.length);
  });
});
