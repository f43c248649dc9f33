import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { closed } from '../loopback-server.js';
import { chunk, lengthOf, usageChunk, type Answer } from './answer.js';
import type { Fault } from './faults.js';
import type { Pace } from './pace.js';

interface Frame {
  readonly text: string;
  readonly isToken?: boolean;
}

const CUT = Symbol('the connection is cut here');
const TOKENS_BEFORE_BREAK = 3;
/** Odd, so that over a few writes every place in a character and between CR and LF is hit. */
const SPLIT_BYTES = 7;

/** Writes the answer as server-sent events; returns when the stream is over or the caller is gone, and leaves settling to others. */
export async function writeStream(response: ServerResponse, answer: Answer, pace: Pace, fault: Fault | undefined): Promise<void> {
  for (const frame of frames(answer, fault)) {
    if (response.destroyed) return;
    // The pause after the last token has let what was written leave.
    if (frame === CUT) return void response.destroy();
    await (fault === 'stream-crlf-split' ? writeInPieces(response, frame.text) : write(response, frame.text));
    if (frame.isToken === true) await pace.afterToken();
  }
  response.end();
}

function* frames(answer: Answer, fault: Fault | undefined): Generator<Frame | typeof CUT, void, void> {
  const failure = event({
    error: { message: 'The model stopped with an error', type: 'server_error', param: null, code: 'upstream_error' },
  });
  if (fault === 'stream-error-first') {
    yield failure;
    return;
  }
  const said = (index: number, what: Parameters<typeof chunk>[2], more: object = fault === 'stream-usage-null' ? { usage: null } : {}) =>
    event({ ...chunk(answer, index, what), ...more }, fault);
  for (const index of answer.choices.keys()) yield said(index, { delta: { role: 'assistant', content: '' } });
  const breakAt = Math.min(TOKENS_BEFORE_BREAK, lengthOf(answer));
  for (let at = 0; at < lengthOf(answer); at += 1) {
    for (const [index, { deltas }] of answer.choices.entries()) {
      const delta = deltas[at];
      if (delta) yield { ...said(index, { delta }), isToken: true };
    }
    if (at + 1 === breakAt && fault === 'stream-cut') yield CUT;
    if (at + 1 === breakAt && fault === 'stream-error') {
      yield failure;
      return;
    }
  }
  if (fault === 'stream-no-finish') return;
  for (const [index, { finishReason }] of answer.choices.entries()) {
    const isLast = index === answer.choices.length - 1;
    const beside = isLast && fault === 'stream-usage-beside' ? { usage: answer.usage } : undefined;
    yield { ...said(index, { delta: {}, finishReason }, beside), isToken: fault === 'stream-cut-late' };
    if (fault === 'stream-cut-late') yield CUT;
  }
  if (fault !== 'stream-usage-beside') yield event(usageChunk(answer), fault);
  if (fault !== 'stream-no-done') yield { text: 'data: [DONE]\n\n' };
}

function event(data: object, fault?: Fault): Frame {
  const text = fault === 'stream-lines' ? JSON.stringify(data, null, 1).replaceAll('\n', '\ndata: ') : JSON.stringify(data);
  return { text: `data: ${text}\n\n` };
}

async function write(response: ServerResponse, bytes: string | Buffer): Promise<void> {
  if (!response.write(bytes)) await Promise.race([once(response, 'drain'), closed(response)]);
}

async function writeInPieces(response: ServerResponse, text: string): Promise<void> {
  const bytes = Buffer.from(`: keep-alive\n\n${text}`.replaceAll('\n', '\r\n'));
  for (let at = 0; at < bytes.length && !response.destroyed; at += SPLIT_BYTES) {
    await write(response, bytes.subarray(at, at + SPLIT_BYTES));
    await nextTurn();
  }
}
