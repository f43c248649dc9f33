import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigDocument } from '../../../src/openclaw/config-document.js';
import { type Edit, edited, type JsonObject } from '../../../src/openclaw/json-edit.js';
import { BY_OPENCLAW, LIVED_IN } from './lived-in.js';

const ENTRY = { baseUrl: 'http://127.0.0.1:8787/v1', models: [{ id: 'a/b', input: ['text', 'image'], cost: { input: 0.5 } }] };
const PUT: Edit = { path: ['models', 'providers', 'blockrun-x402'], value: ENTRY };
const TAKE: Edit = { ...PUT, value: undefined };
const DEFAULT: Edit = { path: ['agents', 'defaults', 'model', 'primary'], value: 'blockrun-x402/a/b' };

describe('a configuration as text', () => {
  it('keeps every line that it had when an entry comes', () => {
    const text = ConfigDocument.read(LIVED_IN).with([PUT]).text;
    const lines = text.split('\n');
    expect(LIVED_IN.split('\n').filter((line) => !lines.includes(line))).toEqual([]);
    expect(text).toContain('          { "id": "a/b", "input": ["text", "image"], "cost": { "input": 0.5 } }\n');
  });

  it('changes a value and nothing else of its line', () => {
    const { text } = ConfigDocument.read(LIVED_IN).with([DEFAULT]);
    expect(text).toBe(LIVED_IN.replace("'ollama/llama3'", "'blockrun-x402/a/b'"));
  });

  it('is as it was when an entry has come and gone', () => {
    expect(ConfigDocument.read(LIVED_IN).with([PUT]).with([TAKE]).text).toBe(LIVED_IN);
  });

  it.each([
    ['nothing', '{}'],
    ['nothing, over lines', '{\n}\n'],
    ['a comment alone', '{ // c\n}\n'],
    ['one line', '{"a":1}'],
    ['a byte order mark', '\ufeff{"a":{"b":1}}'],
    ['tabs and CRLF', '{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n'],
    ['no comma before a comment', '{\n  a: 1 // c\n}'],
    ['JSON5 numbers and strings', "{ a: +0x1F, b: .5, c: Infinity, d: 'it\\'s \\\nlong', }"],
    ['an entry of ours already', '{ models: { providers: { "blockrun-x402": { apiKey: "old" } } } }'],
  ])('with %s takes an entry and means the same beside', (_, text) => {
    const document = ConfigDocument.read(text);
    expect(document.with([PUT, DEFAULT]).value).toEqual(edited(document.value, [PUT, DEFAULT]));
    expect(document.with([PUT]).with([TAKE]).value).toEqual(edited(document.value, [PUT, TAKE]));
  });

  it('of any content and layout takes an entry and loses neither value nor comment', () => {
    const key = fc.constantFrom('a', 'models', 'providers', 'agents', 'x-y', 'b c');
    const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), fc.constantFrom('\n', ' ', '\r\n'), fc.boolean(), (content, gap, trailing) => {
        const edits: Edit[] = [{ path: ['models-of-mine', 'providers', 'blockrun-x402'], value: ENTRY }];
        const text = written(content, gap, trailing);
        const document = ConfigDocument.read(text);
        const after = document.with(edits);
        expect(after.value).toEqual(edited(document.value, edits));
        expect(after.text.match(/\/\* \d+ \*\//g)).toEqual(text.match(/\/\* \d+ \*\//g));
      }),
      { numRuns: 300 },
    );
  });

  it('written by OpenClaw is known by its layout and its mark, and keeps both', () => {
    const document = ConfigDocument.read(BY_OPENCLAW);
    expect(document.isWrittenByOpenClaw).toBe(true);
    const after = document.with([PUT]);
    expect(after.text).toBe(`${JSON.stringify(after.value, null, 2)}\n`);
    expect(after.with([TAKE, { path: ['models'], value: undefined }]).text).toBe(BY_OPENCLAW);
    for (const other of [LIVED_IN, BY_OPENCLAW.replace('{', '{ // mine'), BY_OPENCLAW.replace('"meta"', '"other"')])
      expect(ConfigDocument.read(other).isWrittenByOpenClaw).toBe(false);
    expect(ConfigDocument.read(BY_OPENCLAW.replace('"gateway": {', '"gateway": {\n    "$include": "x.json",')).isWrittenByOpenClaw).toBe(
      false,
    );
  });

  it.each([
    ['empty', ''],
    ['half', '{ a: '],
    ['a list', '[]'],
    ['null', 'null'],
    ['more than an object', '{ a: 1 } trailing'],
    ['two objects', '{}) + ({}'],
    ['a program', '{ a: process.exit(1) }'],
    ['a template', '{ a: `b` }'],
    ['a key that is computed', '{ ["a"]: 1 }'],
    ['an octal number', '{ a: 010 }'],
    ['too deep', '{a:'.repeat(50_000)],
  ])('that is %s is refused', (_, text) => {
    expect(() => ConfigDocument.read(text)).toThrow(/cannot be read .*Nothing was changed/s);
  });

  it.each([
    '{ models: {}, models: {} }',
    '{ models: { providers: {}, "providers": {} } }',
    '{ models: { providers: { "blockrun-x402": {}, \'blockrun-x402\': {} } } }',
  ])('with the same key twice on the way, %s, is refused', (text) => {
    expect(() => ConfigDocument.read(text).with([PUT])).toThrow(/twice in one place/);
  });

  it.each(['{ models: [] }', '{ models: "all" }', '{ models: { providers: 1 } }'])(
    'with something else on the way, %s, is refused',
    (text) => {
      expect(() => ConfigDocument.read(text).with([PUT])).toThrow(/Nothing was changed|cannot/);
    },
  );
});

let comments = 0;

/** JSON5 with comments, single quotes and bare keys, in a layout of its own. */
function written(value: unknown, gap: string, trailing: boolean): string {
  const note = () => `/* ${(comments += 1)} */`;
  const comma = trailing ? ',' : '';
  if (Array.isArray(value))
    return `[${value.map((item) => gap + written(item, gap, trailing)).join(`,${note()}`)}${value.length > 0 ? comma : ''}${gap}]`;
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const rows = Object.entries(value as JsonObject).map(([key, item]) => {
    const name = /^\w+$/.test(key) ? key : JSON.stringify(key);
    return `${gap}${note()}${name}:${written(item, gap, trailing)}`;
  });
  return `{${rows.join(',')}${rows.length > 0 ? comma : ''}${note()}${gap}}`;
}
