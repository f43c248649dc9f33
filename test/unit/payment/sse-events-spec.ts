import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sseEvents } from '../../../src/payment/sse-events.js';

async function* streamOf(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function eventsOf(...parts: (string | Uint8Array)[]): Promise<string[]> {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const events: string[] = [];
  for await (const data of sseEvents(streamOf(bytes))) events.push(data);
  return events;
}

/** The bytes in pieces, cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((one, other) => one - other);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('the events of a stream', () => {
  it.each<[string, string, string[]]>([
    ['lines that end in LF', 'data: 1\n\ndata: 2\n\n', ['1', '2']],
    ['lines that end in CRLF', 'data: 1\r\n\r\ndata: 2\r\n\r\n', ['1', '2']],
    ['no space behind the colon', 'data:{"a":1}\n\n', ['{"a":1}']],
    ['only the first space dropped', 'data:  1\n\n', [' 1']],
    ['several data lines', 'data: 1\ndata: 2\n\n', ['1\n2']],
    ['comments', ': keep-alive\n\ndata: 1\n: in between\n\n:\n\n', ['1']],
    ['other fields', 'event: message\nid: 5\nretry: 100\ndata: 1\nnonsense\n\n', ['1']],
    ['a byte order mark', '\ufeffdata: 1\n\n', ['1']],
    ['an event without data', 'event: ping\n\ndata: 1\n\n', ['1']],
    ['characters of many bytes', 'data: ä€𝄞\n\n', ['ä€𝄞']],
    ['a half of an event at the end', 'data: 1\n\ndata: 2\n', ['1']],
    ['nothing', '', []],
  ])('are read with %s', async (_name, text, events) => {
    expect(await eventsOf(text)).toEqual(events);
  });

  it('end at [DONE], and what comes behind is not read', async () => {
    expect(await eventsOf('data: 1\n\ndata: [DONE]\n\ndata: 2\n\n', 'data: 3\n\n')).toEqual(['1']);
  });

  it('do not end at a text that only holds [DONE]', async () => {
    expect(await eventsOf('data: {"content":"[DONE]"}\n\ndata: 2\n\n')).toEqual(['{"content":"[DONE]"}', '2']);
  });

  it('come as soon as they are whole', async () => {
    let cameLater = false;
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield* [Buffer.from('data: 1\n\ndata: 2')];
      await Promise.resolve();
      cameLater = true;
      yield Buffer.from('\n\n');
    }
    const events = sseEvents(bytes());
    expect(await events.next()).toEqual({ done: false, value: '1' });
    expect(cameLater).toBe(false);
    expect(await events.next()).toEqual({ done: false, value: '2' });
  });

  it('break with the stream that they come from', async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield* [Buffer.from('data: 1\n\n')];
      await Promise.resolve();
      throw new Error('socket hang up');
    }
    const events = sseEvents(bytes());
    await events.next();
    await expect(events.next()).rejects.toThrow('socket hang up');
  });

  it('are the same wherever the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ' '));
    const newline = fc.constantFrom('\n', '\r\n');
    const event = fc
      .tuple(line, newline, fc.boolean())
      .map(([text, end, comment]) => `${comment ? `: 𝄞 ä${end}` : ''}data: ${text}x${end}${end}`);
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 30 }), async (events, places) => {
        const text = events.join('');
        const whole = await eventsOf(text);
        expect(whole).toHaveLength(events.length);
        expect(await eventsOf(...cut(Buffer.from(text), places))).toEqual(whole);
      }),
    );
  });

  it('are the same when every byte comes alone', async () => {
    const text = ': ä\r\n\r\ndata: {"content":"𝄞€"}\r\n\r\ndata: 2\n\ndata: [DONE]\r\n\r\n';
    expect(await eventsOf(...[...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual(['{"content":"𝄞€"}', '2']);
  });
});

describe('an event without an end', () => {
  const MEGABYTE = Buffer.from('x'.repeat(1024 * 1024));

  it('is refused before it fills the memory', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield* [Buffer.from('data: ')];
      for (; sent < 100; sent += 1) yield await Promise.resolve(MEGABYTE);
    }
    await expect(sseEvents(endless()).next()).rejects.toThrow('an event is longer than 8388608 characters');
    expect(sent).toBeLessThan(10);
  });

  it('is told from many events that are long together', async () => {
    const events = Array.from({ length: 12 }, () => [Buffer.from('data: '), MEGABYTE, Buffer.from('\n\n')]).flat();
    expect(await eventsOf(...events)).toHaveLength(12);
  });
});

describe('a stream that is longer than any completion', () => {
  it('is refused', async () => {
    const event = Buffer.from(`data: ${'x'.repeat(1024 * 1024)}\n\n`);
    async function* long(): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < 300; sent += 1) yield await Promise.resolve(event);
    }
    let events = 0;
    const read = async () => {
      for await (const _event of sseEvents(long())) events += 1;
    };
    await expect(read()).rejects.toThrow('the stream is longer than 268435456 bytes');
    expect(events).toBe(255);
  });
});
