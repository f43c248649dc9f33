const KEPT_CHARACTERS = 4_000;
const SHOWN_CHARACTERS = 200;

/** What a program that we do not know writes, made fit for an error or a log: one line, short, and nothing in it that could be a key. */
export function fitToShow(words: string): string {
  const line = words
    .replace(/\b((0x)?[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{43,90})\b/g, '[hidden]')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

/** Reads a stream to its end, so that its writer never waits, and keeps the last of it. */
export function keepLastWords(stream: NodeJS.ReadableStream | null): () => string {
  let words = '';
  stream?.on('data', (part: Buffer | string) => (words = (words + part.toString()).slice(-KEPT_CHARACTERS)));
  stream?.on('error', () => undefined); // what comes no more is not missed
  return () => fitToShow(words);
}
