import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { edited, itemsAt, membersAt } from '../../../src/chat/json-text.js';

const cut = (text: string, { start, end }: { start: number; end: number }) => text.slice(start, end);
const spaced = (space: string | number, value: unknown) => JSON.stringify(value, null, space);

describe('the members of a JSON object', () => {
  it('are found with their keys and values where they stand', () => {
    const text = ' { "a" : [1, {"b": "}"}] ,\n"c\\"d":"x\\\\", "e":-1.5e3,"f":{} , "g" :null}';
    expect(membersAt(text, 1).map(({ name, key, value }) => [name, cut(text, key), cut(text, value)])).toEqual([
      ['a', '"a"', '[1, {"b": "}"}]'],
      ['c"d', '"c\\"d"', '"x\\\\"'],
      ['e', '"e"', '-1.5e3'],
      ['f', '"f"', '{}'],
      ['g', '"g"', 'null'],
    ]);
  });

  it('of an empty one are none', () => {
    expect(membersAt('{ }', 0)).toEqual([]);
    expect(itemsAt('[\n]', 0)).toEqual([]);
  });

  it('have their names as a reader would read them, however they are escaped', () => {
    expect(membersAt('{"m\\u006fdel":1,"__proto__":2}', 0).map(({ name }) => name)).toEqual(['model', '__proto__']);
  });

  it('are those of the parser, for every value and every spacing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom('', ' ', '\n\t', 2), (object, space) => {
        const text = spaced(space, object);
        const found = membersAt(text, 0).map(({ name, value }) => [name, JSON.parse(cut(text, value)) as unknown]);
        expect(found).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it('nested as deep as a body is long are passed over without a deep call', () => {
    const deep = '['.repeat(2_000_000) + ']'.repeat(2_000_000);
    expect(membersAt(`{"a":${deep},"b":1}`, 0).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('the items of a JSON array', () => {
  it('are those of the parser, for every value and every spacing', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom('', ' ', '\r\n', 3), (array, space) => {
        const text = spaced(space, array);
        expect(itemsAt(text, 0).map((item) => JSON.parse(cut(text, item)) as unknown)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('an edited text', () => {
  it('is the same but for what was edited, in whatever order the edits are given', () => {
    const edits = [
      { start: 6, end: 6, text: '!' },
      { start: 0, end: 1, text: 'J' },
      { start: 2, end: 4, text: '' },
    ];
    expect(edited('jabcde', edits)).toBe('Jade!');
    expect(edited('same', [])).toBe('same');
  });
});
