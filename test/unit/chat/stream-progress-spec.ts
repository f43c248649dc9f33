import { describe, expect, it } from '@jest/globals';
import type { CompletionChunk } from '../../../src/chat/completion-chunk.js';
import { StreamProgress } from '../../../src/chat/stream-progress.js';

const usage = { total_tokens: 3 };
const begin = (index?: unknown) => ({ choices: [{ index, delta: { content: 'x' }, finish_reason: null }] });
const end = (index?: unknown) => ({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });

function after(wantedChoices: number, ...chunks: CompletionChunk[]): StreamProgress {
  const progress = new StreamProgress(wantedChoices);
  for (const chunk of chunks) progress.note(chunk);
  return progress;
}

describe('a stream', () => {
  it('is not whole before its choice has a finish reason', () => {
    expect(after(1)).toMatchObject({ isWhole: false, unfinished: [0] });
    expect(after(1, begin(0))).toMatchObject({ isWhole: false, unfinished: [0] });
    expect(after(1, begin(0), end(0))).toMatchObject({ isWhole: true, unfinished: [] });
  });

  it.each<CompletionChunk>([{ choices: [] }, {}, { choices: 'none' as never }, { choices: [null as never] }, end(-1), end(128), end('0')])(
    'is not made whole by %j',
    (chunk) => {
      expect(after(1, begin(0), chunk)).toMatchObject({ isWhole: false, unfinished: [0] });
    },
  );

  // Guards against a stream of several choices that counted as whole, and was settled, when its first choice had ended.
  it('of several choices is whole when every one that has begun has ended', () => {
    expect(after(2, begin(0), begin(1), end(0))).toMatchObject({ isWhole: false, unfinished: [1] });
    expect(after(2, begin(0), begin(1), end(1), end(0))).toMatchObject({ isWhole: true, unfinished: [] });
  });

  it('of which one choice has ended leaves open the one that was asked for and has not begun', () => {
    expect(after(3, begin(0), end(0))).toMatchObject({ isWhole: true, unfinished: [1, 2] });
  });

  it('leaves open a choice that nobody asked for and that has begun', () => {
    expect(after(1, begin(0), begin(5), end(0))).toMatchObject({ isWhole: false, unfinished: [5] });
  });

  it('takes a choice without a number for the first', () => {
    expect(after(1, end())).toMatchObject({ isWhole: true, unfinished: [] });
  });

  it('does not wait again for a choice that has ended', () => {
    expect(after(1, end(0), begin(0))).toMatchObject({ isWhole: true, unfinished: [] });
  });

  it('knows the newest facts, and keeps usage that a later chunk has no word of', () => {
    const { facts } = after(1, { id: 'a', model: 'm', created: 1 }, { id: 'b', usage }, { usage: null });
    expect(facts).toEqual({ id: 'b', model: 'm', created: 1, usage });
  });

  it('knows whether the usage came in a chunk of its own', () => {
    expect(after(1, { ...end(0), usage }).hadUsageChunk).toBe(false);
    expect(after(1, { choices: [], usage }, end(0)).hadUsageChunk).toBe(true);
  });
});
