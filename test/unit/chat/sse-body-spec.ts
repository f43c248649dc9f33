import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Observable, of, Subject, throwError } from 'rxjs';
import { SseBody } from '../../../src/chat/sse-body.js';

const KEEP_ALIVE_MS = 5000;
const KEEP_ALIVE = ': keep-alive\n\n';

function textOf(body: SseBody): string {
  const part = body.read() as Buffer | null;
  return part?.toString() ?? '';
}

async function allOf(body: SseBody): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

describe('the body of a stream', () => {
  it('carries every text in order, and ends', async () => {
    expect(await allOf(new SseBody(of('data: ä\n\n', 'data: 2\n\n', 'data: [DONE]\n\n'), KEEP_ALIVE_MS))).toBe(
      'data: ä\n\ndata: 2\n\ndata: [DONE]\n\n',
    );
  });

  it('fails with the error of its source', async () => {
    await expect(
      allOf(
        new SseBody(
          throwError(() => new Error('the source broke')),
          KEEP_ALIVE_MS,
        ),
      ),
    ).rejects.toThrow('the source broke');
  });

  it('takes the source up at once, before anybody reads', () => {
    const subscribed = jest.fn();
    new SseBody(new Observable(() => void subscribed()), KEEP_ALIVE_MS).destroy();
    expect(subscribed).toHaveBeenCalledTimes(1);
  });

  it('gives the source up when the client leaves before it read anything', () => {
    const teardown = jest.fn();
    const body = new SseBody(new Observable(() => teardown), KEEP_ALIVE_MS);
    expect(teardown).not.toHaveBeenCalled();
    body.destroy();
    expect(teardown).toHaveBeenCalledTimes(1);
  });

  it('ends, and is not destroyed, when the client leaves before anybody took it', async () => {
    const teardown = jest.fn();
    const body = new SseBody(new Observable(() => teardown), KEEP_ALIVE_MS);
    body.leave();
    expect(teardown).toHaveBeenCalledTimes(1);
    expect(body.destroyed).toBe(false);
    expect(await allOf(body)).toBe('');
  });

  it('is not ended again by a client that leaves after its end', async () => {
    const body = new SseBody(of('data: 1\n\n'), KEEP_ALIVE_MS);
    const errors = jest.fn();
    body.on('error', errors);
    body.leave();
    expect(await allOf(body)).toBe('data: 1\n\n');
    body.leave();
    expect(errors).not.toHaveBeenCalled();
  });

  it('takes no more text after the client has left', () => {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS);
    body.destroy();
    expect(source.observed).toBe(false);
    source.next('data: late\n\n');
    expect(body.readableLength).toBe(0);
  });
});

describe('the keep-alive of a stream', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());

  it('is a comment, sent while nothing comes', () => {
    const body = new SseBody(new Subject<string>(), KEEP_ALIVE_MS);
    jest.advanceTimersByTime(KEEP_ALIVE_MS - 1);
    expect(textOf(body)).toBe('');
    jest.advanceTimersByTime(1);
    expect(textOf(body)).toBe(KEEP_ALIVE);
    jest.advanceTimersByTime(KEEP_ALIVE_MS);
    expect(textOf(body)).toBe(KEEP_ALIVE);
    body.destroy();
  });

  it('is put off by each text', () => {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS);
    jest.advanceTimersByTime(KEEP_ALIVE_MS - 1);
    source.next('data: 1\n\n');
    jest.advanceTimersByTime(KEEP_ALIVE_MS - 1);
    expect(textOf(body)).toBe('data: 1\n\n');
    jest.advanceTimersByTime(1);
    expect(textOf(body)).toBe(KEEP_ALIVE);
    body.destroy();
  });

  it('does not pile up for a client that does not read', () => {
    const body = new SseBody(new Subject<string>(), KEEP_ALIVE_MS);
    jest.advanceTimersByTime(100 * KEEP_ALIVE_MS);
    expect(textOf(body)).toBe(KEEP_ALIVE);
    body.destroy();
  });

  it.each([
    ['the client leaves', (body: SseBody) => void body.leave()],
    ['it is destroyed', (body: SseBody) => void body.destroy()],
    ['the source ends', (_body: SseBody, source: Subject<string>) => source.complete()],
    ['the source fails', (_body: SseBody, source: Subject<string>) => source.error(new Error('broken'))],
  ])('stops when %s', (_name, end) => {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS);
    end(body, source);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a client that reads slowly', () => {
  const BIG = 'x'.repeat(64 * 1024);

  /** Whether the promise has resolved once everything that was due has run. */
  async function isReady(ready: Promise<void> | undefined): Promise<boolean> {
    let done = ready === undefined;
    void ready?.then(() => (done = true));
    await new Promise((resolve) => setImmediate(resolve));
    return done;
  }

  it('is not waited for while the buffer has room', () => {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS);
    source.next('data: 1\n\n');
    expect(body.ready()).toBeUndefined();
    body.destroy();
  });

  it('is waited for when the buffer is full, until it has read', async () => {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS);
    source.next(BIG);
    const ready = body.ready();
    expect(await isReady(ready)).toBe(false);
    body.read();
    expect(await isReady(ready)).toBe(true);
    expect(body.ready()).toBeUndefined();
    body.destroy();
  });

  it('is not waited for any longer when it leaves', async () => {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS);
    source.next(BIG);
    const ready = body.ready();
    expect(await isReady(ready)).toBe(false);
    body.destroy();
    expect(await isReady(ready)).toBe(true);
    expect(body.ready()).toBeUndefined();
  });
});

describe('a client that stops reading', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** A body that is full, with somebody waiting for room in it. */
  function fullBody(): { body: SseBody; stalled: () => number } {
    const source = new Subject<string>();
    const body = new SseBody(source, KEEP_ALIVE_MS, 60_000);
    const stalled = jest.fn();
    body.on('stall', stalled);
    source.next('x'.repeat(body.readableHighWaterMark));
    void body.ready();
    return { body, stalled: () => stalled.mock.calls.length };
  }

  it('is told when it has taken nothing for so long', () => {
    const { stalled } = fullBody();
    jest.advanceTimersByTime(59_999);
    expect(stalled()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(stalled()).toBe(1);
  });

  it('is not told when it went on in time, or has left', () => {
    const reading = fullBody();
    reading.body.read();
    const gone = fullBody();
    gone.body.destroy();
    jest.advanceTimersByTime(600_000);
    expect([reading.stalled(), gone.stalled()]).toEqual([0, 0]);
  });
});
