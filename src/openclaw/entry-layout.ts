import { isJsonObject, type Json, type JsonObject } from './json-edit.js';

/**
 * How a new object is laid out in a configuration that people keep: a key a line and, in a list of objects, an object a line.
 * `indent` is what stands before the object's own last line, `unit` what each level adds.
 */
export function laidOut(value: JsonObject, { indent, unit }: { indent: string; unit: string }): string {
  const inner = indent + unit;
  const lines = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${itemText(item, { inner, unit })}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function itemText(item: Json, { inner, unit }: { inner: string; unit: string }): string {
  if (isJsonObject(item)) return laidOut(item, { indent: inner, unit });
  if (!Array.isArray(item) || !item.some(isJsonObject)) return onOneLine(item);
  const rows = item.map((each) => `${inner}${unit}${onOneLine(each)}`);
  return `[\n${rows.join(',\n')}\n${inner}]`;
}

/** A value on one line, with room to read it. */
export function onOneLine(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  if (Object.keys(value).length === 0) return '{}';
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${onOneLine(item)}`)
    .join(', ')} }`;
}
