import { laidOut, onOneLine } from './entry-layout.js';
import type { Json5Source, SourceMember, SourceObject } from './json5-source.js';
import { isJsonObject, type Json } from './json-edit.js';

interface Text {
  text: string;
  source: Json5Source;
}

/** The text with another value in a member's place. */
export function withValue({ text }: Text, { valueStart, end }: SourceMember, value: Json, depth: number): string {
  const isInSingleQuotes = text[valueStart] === "'" && typeof value === 'string' && /^[^'"\\\n]*$/.test(value);
  return text.slice(0, valueStart) + (isInSingleQuotes ? `'${value}'` : rendered(text, value, depth)) + text.slice(end);
}

/** The text with one more member at the end of the object, laid out as the members before it, with a comma behind it where they have one. */
export function withMember(
  { text, source }: Text,
  at: SourceObject,
  name: string,
  { value, depth }: { value: Json; depth: number },
): string {
  const member = `${JSON.stringify(name)}: ${rendered(text, value, depth)}`;
  const last = at.members.at(-1);
  if (!last) return filled(text, at, { member, depth });
  const comma = source.skipTrivia(last.end);
  const hasComma = text[comma] === ',';
  const isOnLine = text.slice(at.start, last.start).includes('\n');
  const behind = hasComma ? comma + 1 : last.end;
  const place = isOnLine ? source.skipTrivia(behind, { sameLine: true }) : behind;
  const gap = isOnLine ? lineBreakBefore(text, last.start) : ' ';
  return `${text.slice(0, last.end)}${hasComma ? text.slice(last.end, place) : `,${text.slice(last.end, place)}`}${gap}${member}${hasComma ? ',' : ''}${text.slice(place)}`;
}

/** The text without the member, its line and its comma. */
export function withoutMember({ text, source }: Text, at: SourceObject, member: SourceMember): string {
  const index = at.members.indexOf(member);
  const before = at.members[index - 1];
  const comma = source.skipTrivia(member.end);
  const hasComma = text[comma] === ',';
  const end = hasComma ? comma + 1 : member.end;
  const start = text.slice(0, member.start).search(/\s*$/);
  const isAlone = /^\s*$/.test(text.slice(at.start + 1, start)) && /^\s*$/.test(text.slice(end, at.end - 1));
  if (isAlone) return `${text.slice(0, at.start)}{}${text.slice(at.end)}`;
  // Without a comma of its own the one before it would be left over; a comma behind the comma of a comment's line stays.
  const left = before && !hasComma ? source.skipTrivia(before.end) : -1;
  const head = left < 0 ? text.slice(0, start) : text.slice(0, left) + text.slice(left + 1, start);
  return head + text.slice(end);
}

function rendered(text: string, value: Json, depth: number): string {
  const unit = indentUnitOf(text);
  if (unit === undefined || !isJsonObject(value)) return onOneLine(value);
  return laidOut(value, { indent: unit.repeat(depth), unit }).replaceAll('\n', lineEndOf(text));
}

/** The text with a member in an object that has none; comments in it stay. */
function filled(text: string, { start, end }: SourceObject, { member, depth }: { member: string; depth: number }): string {
  const inside = text.slice(start + 1, end - 1).trimEnd();
  const unit = indentUnitOf(text);
  const isOnOneLine = unit === undefined && !inside.includes('\n') && !inside.includes('//');
  const line = (level: number) => (isOnOneLine ? ' ' : lineEndOf(text) + (unit ?? '').repeat(level));
  return text.slice(0, start + 1) + inside + line(depth) + member + line(depth - 1) + text.slice(end - 1);
}

/** The line break and indentation that stand before a member, or a line break with the indentation of its line. */
function lineBreakBefore(text: string, start: number): string {
  const line = text.lastIndexOf('\n', start) + 1;
  return lineEndOf(text) + (/^[ \t]*/.exec(text.slice(line, start))?.[0] ?? '');
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** What a level of indentation is in this text; undefined when it has none. */
function indentUnitOf(text: string): string | undefined {
  return /\n([ \t]+)\S/.exec(text)?.[1];
}
