/** A part of a JSON text: from its first character to before `end`. */
export interface Span {
  start: number;
  end: number;
}

/** A member of an object, where it stands: its key with the quotes, and its value. */
export interface Member {
  name: string;
  key: Span;
  value: Span;
}

/** A part of the text that is written differently. */
export interface Edit extends Span {
  text: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
/** A brace is its bracket with this bit. */
const BRACE_BIT = 0x20;

/** The members of the object that begins at `start`. The text has to be valid JSON, as all texts here: they have been parsed before. */
export function membersAt(text: string, start: number): Member[] {
  const members: Member[] = [];
  for (let at = skipSpace(text, start + 1); text[at] !== '}';) {
    const key = { start: at, end: endOfString(text, at) };
    const valueStart = skipSpace(text, skipSpace(text, key.end) + 1);
    const value = { start: valueStart, end: endOfValue(text, valueStart) };
    members.push({ name: JSON.parse(text.slice(key.start, key.end)) as string, key, value });
    at = nextAfter(text, value.end);
  }
  return members;
}

/** The items of the array that begins at `start`. */
export function itemsAt(text: string, start: number): Span[] {
  const items: Span[] = [];
  for (let at = skipSpace(text, start + 1); text[at] !== ']';) {
    const end = endOfValue(text, at);
    items.push({ start: at, end });
    at = nextAfter(text, end);
  }
  return items;
}

/** The text with the edits, which must not overlap. Everything else stays as it was, to the letter. */
export function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: replacement } of [...edits].sort((one, other) => one.start - other.start)) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

/** The place of the next item or member, or of the bracket that closes. */
function nextAfter(text: string, end: number): number {
  const at = skipSpace(text, end);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if ((first & ~BRACE_BIT) === OPENING_BRACKET) return endOfNested(text, start);
  for (let end = start + 1; end < text.length; end += 1) {
    const character = text.charCodeAt(end);
    if (character <= 0x20 || character === COMMA || (character & ~BRACE_BIT) === CLOSING_BRACKET) return end;
  }
  return text.length;
}

/** Counts brackets instead of calling itself: a client may nest as deep as the body is long. */
function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at) - 1;
    else if ((character & ~BRACE_BIT) === OPENING_BRACKET) depth += 1;
    else if ((character & ~BRACE_BIT) === CLOSING_BRACKET && --depth === 0) return at + 1;
  }
  return text.length;
}

/** A quote ends the string unless an odd number of backslashes stands before it. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
}
