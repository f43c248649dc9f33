import { describe, expect, it } from '@jest/globals';
import {
  type CompletionChunk,
  closingChunks,
  completionAsChunks,
  isUsageOnly,
  lateUsage,
  parseChunk,
} from '../../../src/chat/completion-chunk.js';

type Json = Record<string, unknown>;
const parsed = (texts: string[]) => texts.map((text) => JSON.parse(text) as Json);
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };

describe('a chunk of a stream', () => {
  it('is a JSON object', () => {
    expect(parseChunk('{"id":"1"}')).toEqual({ id: '1' });
  });

  it.each(['', 'text', '[]', 'null', '5', '"text"', '{"id":'])('is not %j', (data) => {
    expect(() => parseChunk(data)).toThrow();
  });

  it.each<[object, boolean]>([
    [{ choices: [], usage }, true],
    [{ choices: [], usage: null }, false],
    [{ choices: [{ delta: {} }], usage }, false],
    [{ usage }, false],
    [{ choices: 'none', usage }, false],
  ])('%j brings only usage: %s', (chunk, only) => {
    expect(isUsageOnly(chunk)).toBe(only);
  });
});

describe('the end of a stream that broke', () => {
  const wanted = { model: 'openai/gpt-5.4-mini', wantsUsage: true };
  const state = (facts: CompletionChunk, more = {}) => ({ facts, hadUsageChunk: false, unfinished: [0], ...more });

  it('says that the text was cut, under the id of the stream', () => {
    const [chunk, ...more] = parsed(closingChunks(state({ id: 'chatcmpl-1', created: 1780000000, model: 'gpt' }), wanted));
    expect(chunk).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1780000000,
      model: 'gpt',
      choices: [{ index: 0, delta: {}, finish_reason: 'length' }],
    });
    expect(more).toEqual([]);
  });

  it('brings the usage that is known, in a chunk of its own, when it is wanted', () => {
    expect(parsed(closingChunks(state({ usage }), wanted)).at(1)).toMatchObject({ choices: [], usage });
    expect(closingChunks(state({ usage }), { ...wanted, wantsUsage: false })).toHaveLength(1);
  });

  it('gives every choice that is still waited for its finish reason, and the others none', () => {
    const chunks = parsed(closingChunks(state({}, { unfinished: [0, 2] }), wanted));
    expect(chunks.flatMap(({ choices }) => choices)).toEqual([0, 2].map((index) => ({ index, delta: {}, finish_reason: 'length' })));
    expect(closingChunks(state({}, { unfinished: [] }), wanted)).toEqual([]);
  });

  it('does not bring the usage a second time', () => {
    expect(closingChunks(state({ usage }, { hadUsageChunk: true }), wanted)).toHaveLength(1);
    expect(lateUsage(state({ usage }, { hadUsageChunk: true }), wanted)).toEqual([]);
  });

  it('has an id, a time and the model that was asked for even when nothing came', () => {
    const [chunk] = parsed(closingChunks(state({}), wanted));
    expect(chunk).toMatchObject({ id: expect.stringMatching(/^chatcmpl-/), created: expect.any(Number), model: 'openai/gpt-5.4-mini' });
  });
});

describe('a whole completion as a stream', () => {
  const facts = { id: 'chatcmpl-1', created: 1780000000, model: 'gpt', system_fingerprint: 'fp' };
  const completion = (choices: unknown, more: Json = {}) =>
    JSON.stringify({ ...facts, object: 'chat.completion', choices, usage, ...more });
  const message = { role: 'assistant', content: 'Hello', refusal: null };
  const text = completion([{ index: 0, message, logprobs: null, finish_reason: 'stop' }]);

  it('has what the message had, its finish reason, and the facts of the answer', () => {
    expect(parsed(completionAsChunks(text, { wantsUsage: false }))).toEqual([
      { ...facts, object: 'chat.completion.chunk', choices: [{ index: 0, delta: message, logprobs: null, finish_reason: 'stop' }] },
    ]);
  });

  it('ends with the usage when it is wanted, and does not have it otherwise', () => {
    expect(parsed(completionAsChunks(text, { wantsUsage: true })).at(-1)).toEqual({
      ...facts,
      object: 'chat.completion.chunk',
      choices: [],
      usage,
    });
    expect(completionAsChunks(text, { wantsUsage: false }).join()).not.toContain('prompt_tokens');
  });

  it('numbers tool calls, as streams do', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } });
    const toolCalls = completion([
      { index: 0, message: { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] }, finish_reason: 'tool_calls' },
    ]);
    expect(parsed(completionAsChunks(toolCalls, { wantsUsage: false }))).toMatchObject([
      {
        choices: [
          {
            delta: {
              tool_calls: [
                { index: 0, ...call('a') },
                { index: 1, ...call('b') },
              ],
            },
            finish_reason: 'tool_calls',
          },
        ],
      },
    ]);
  });

  it('has a chunk for each of several choices', () => {
    const two = completion(
      [0, 1].map((index) => ({ index, message: { role: 'assistant', content: `answer ${index}` }, finish_reason: 'stop' })),
    );
    expect(parsed(completionAsChunks(two, { wantsUsage: false })).map(({ choices }) => choices)).toEqual(
      [0, 1].map((index) => [{ index, delta: { role: 'assistant', content: `answer ${index}` }, finish_reason: 'stop' }]),
    );
  });

  it.each([[undefined], ['none'], [null], [[]]])('ends as one that was cut when the answer has the choices %j', (choices) => {
    const [end, ...more] = completionAsChunks(completion(choices), { wantsUsage: false });
    expect(more).toEqual([]);
    expect(JSON.parse(end ?? '')).toMatchObject({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
  });

  // Guards against a TypeError, which the client of a paid answer would get as a 500 that invites a repeat.
  it.each([[[null]], [[{ index: 0, message: null, finish_reason: 'stop' }]]])('survives the choices %j', (choices) => {
    expect(() => completionAsChunks(completion(choices), { wantsUsage: false })).not.toThrow();
  });
});
