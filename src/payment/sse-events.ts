import { createParser } from 'eventsource-parser';

/** No event of a completion is longer; a seller that sends one is cut off. */
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;
/** No whole stream is longer, by far. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;

/**
 * The `data` of each server-sent event in a byte stream, up to `[DONE]` (not included) or the end of the bytes. Comments and other fields
 * are dropped. @throws what the byte stream throws, or an Error for an event or a stream over its limit
 */
export async function* sseEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let ready: string[] = [];
  let pending = 0;
  let bytesRead = 0;
  const parser = createParser({ onEvent: ({ data }) => void ready.push(data) });
  const decoder = new TextDecoder();
  for await (const part of bytes) {
    bytesRead += part.length;
    if (bytesRead > MAX_STREAM_BYTES) throw new Error(`the stream is longer than ${MAX_STREAM_BYTES} bytes`);
    const text = decoder.decode(part, { stream: true });
    pending += text.length;
    parser.feed(text);
    if (ready.length > 0) pending = 0;
    if (pending > MAX_EVENT_CHARACTERS) throw new Error(`an event is longer than ${MAX_EVENT_CHARACTERS} characters`);
    const events = ready;
    ready = [];
    for (const data of events) {
      if (data === '[DONE]') return;
      yield data;
    }
  }
}
