import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BlockRunSeller } from '../../src/payment/block-run.seller.js';
import { Cancellation } from '../../src/payment/cancellation.js';
import type { SellerAnswer } from '../../src/payment/seller.js';
import { flood, RawSeller } from '../support/raw-seller.js';
import { until } from '../support/until.js';

const MEGABYTE = 1024 * 1024;
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
const EVENT = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';

describe('the wire to a seller', () => {
  let raw: RawSeller | undefined;
  let seller: BlockRunSeller | undefined;
  afterEach(async () => {
    await raw?.stop();
    await seller?.onApplicationShutdown();
  });

  /** What the adapter makes of such an answer, a stream read to its end. */
  async function ask(
    answer: (socket: Socket) => void,
    { streamed = false, maxAnswerMs = 1500 } = {},
  ): Promise<SellerAnswer | { kind: 'broken'; reason: string }> {
    raw = await RawSeller.start(answer);
    seller = new BlockRunSeller({ chatUrl: new URL(raw.chatUrl), timeoutMs: 1000, maxAnswerMs, paymentNetwork: 'base' });
    const asked = await seller.ask({ body: Buffer.from('{}'), streamed }, new Cancellation());
    if (asked.kind !== 'stream') return asked;
    try {
      for await (const event of asked.events) if (event === '') throw new Error('an empty event');
      return asked;
    } catch (error) {
      return { kind: 'broken', reason: (error as Error).message };
    }
  }
  /** Nothing may be left that a seller could go on with. */
  const isCut = () => until(() => raw?.sockets.size === 0, 'the connection to be cut');
  const bomb = gzipSync(Buffer.alloc(MEGABYTE, ' '));

  it.each([
    ['an answer', OK, 'longer than 33554432 bytes'],
    ['a challenge', 'HTTP/1.1 402 Payment Required\r\n', 'longer than 262144 bytes'],
    ['an error', 'HTTP/1.1 500 Oops\r\n', 'longer than 262144 bytes'],
    ['an event', STREAM, 'an event is longer than 8388608 characters'],
  ])('%s that is packed a thousandfold is given up when it is too long unpacked', async (_what, head, says) => {
    const answer = await ask(
      (socket) => {
        socket.write(`${head}Content-Encoding: gzip\r\n\r\n`);
        flood(socket, bomb);
      },
      { streamed: head === STREAM, maxAnswerMs: 120_000 },
    ); // its size is to end it, also on a machine that unpacks slowly
    expect(answer).toMatchObject({ reason: expect.stringContaining(says) });
    await isCut();
  });

  it.each<[string, string, string, boolean]>([
    ['an answer without an end', `${OK}\r\n`, ' '.repeat(MEGABYTE), false],
    ['an error without an end', 'HTTP/1.1 500 Oops\r\n\r\n', 'x'.repeat(64 * 1024), false],
    ['a header without an end', 'HTTP/1.1 200 OK\r\nX-A: ', 'x'.repeat(1024), false],
    ['headers without an end', 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n', false],
    ['a status line without an end', 'HTTP/1.1 200 ', 'O'.repeat(1024), false],
    ['early hints without an end', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', false],
    ['a chunk size without an end', `${OK}Transfer-Encoding: chunked\r\n\r\n`, '0'.repeat(1024), false],
    ['an event without an end', `${STREAM}\r\n`, 'data: xxxxxxxxxxxxxxxxxxxxxxxxxxx', true],
    ['comments without an end', `${STREAM}\r\n`, ': keep-alive\n\n', true],
    ['events without an end', `${STREAM}\r\n`, EVENT, true],
  ])('%s is given up within the time and the space that there is', async (_what, head, endless, streamed) => {
    const answer = await ask(
      (socket) => {
        socket.write(head);
        flood(socket, endless);
      },
      { streamed },
    );
    expect(['no-answer', 'broken']).toContain(answer.kind);
    await isCut();
  });

  it.each<[string, string, string, boolean]>([
    ['headers', 'HTTP/1.1 402 Payment Required\r\nX-A: ', 'b', false],
    ['a body', `${OK}\r\n`, ' ', false],
    ['a stream', `${STREAM}\r\n`, ': still there\n\n', true],
  ])('%s that come by a byte now and then are given up', async (_what, head, drop, streamed) => {
    let drip: NodeJS.Timeout | undefined;
    const answer = await ask(
      (socket) => {
        socket.write(head);
        drip = setInterval(() => socket.write(drop), 100);
      },
      { streamed },
    );
    clearInterval(drip);
    expect(answer).toMatchObject({ reason: expect.stringMatching(/^(the beginning of )?its answer took longer than \d+ ms$/) });
    await isCut();
  });

  it.each<[string, string]>([
    ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}   `],
    ['a length and chunks', `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
    ['a length that is no number', `${OK}Content-Length: 0x2\r\n\r\n{}`],
    ['a chunk size that is no number', `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a header with a null', `${OK}X-A: \u0000\r\nContent-Length: 2\r\n\r\n{}`],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an array', `${OK}Content-Length: 2\r\n\r\n[]`],
    ['half of a JSON', `${OK}Content-Length: 1\r\n\r\n{`],
    ['a redirect', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\n\r\n'],
  ])('%s is no answer', async (_what, text) => {
    const answer = await ask((socket) => void socket.write(text));
    expect(answer).toMatchObject({ kind: 'no-answer', proof: {} });
  });

  it.each([301, 302, 303, 307, 308])('a %d is followed nowhere', async (status) => {
    const answer = await ask(
      (socket) => void socket.write(`HTTP/1.1 ${status} Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(answer).toMatchObject({ kind: 'rejection', rejection: { status } });
    expect(raw?.received.match(/^POST /gm)).toEqual(['POST ']);
  });

  it('carries our own headers, and no others', async () => {
    await ask((socket) => void socket.write(`${OK}Content-Length: 2\r\n\r\n{}`));
    const [, ...lines] = raw?.received.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
    expect(lines.map((line) => line.split(':')[0]?.toLowerCase()).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ]);
  });
});
