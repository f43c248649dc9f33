import { type Comment, type Expression, type Literal, type ObjectExpression, parse, type Property } from 'acorn';
import type { Json, JsonObject } from './json-edit.js';

/** A key of an object in the text, with where it begins and where its value begins and ends. */
export interface SourceMember {
  name: string;
  start: number;
  valueStart: number;
  end: number;
  value: SourceValue;
}
/** An object in the text, from its opening brace to behind its closing one. */
export interface SourceObject {
  kind: 'object';
  start: number;
  end: number;
  members: SourceMember[];
}
export type SourceValue = SourceObject | { kind: 'other' };

/** A JSON5 text that has been read: what it means, and where in it everything stands. */
export interface Json5Source {
  value: JsonObject;
  root: SourceObject;
  /** The index behind white space and comments that begin at `from`; on the same line only, if so asked. */
  skipTrivia(from: number, options?: { sameLine: boolean }): number;
}

/**
 * Reads JSON5. It is a part of ECMAScript's expressions, so acorn reads it, and everything that JSON5 does not have is refused here.
 * @throws Error with the reason and the place
 */
export function readJson5(text: string): Json5Source {
  const comments: Comment[] = [];
  // In parentheses the whole text has to be one expression; all positions are one further for the first of them.
  const program = parse(`(${text}\n)`, { ecmaVersion: 2019, sourceType: 'module', onComment: comments });
  const [statement, ...others] = program.body;
  const root = statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
  if (root?.type !== 'ObjectExpression' || others.length > 0) throw new Error('it is not an object');
  const ends = new Map(comments.map(({ start, end }) => [start - 1, end - 1]));
  return {
    value: valueOf(root) as JsonObject,
    root: objectAt(root),
    skipTrivia: (from, options) => skipTrivia(text, from, { ends, ...options }),
  };
}

function skipTrivia(text: string, from: number, { ends, sameLine }: { ends: ReadonlyMap<number, number>; sameLine?: boolean }): number {
  const blank = sameLine ? /[^\S\r\n\u2028\u2029]/ : /\s/;
  let at = from;
  for (;;) {
    const end = ends.get(at);
    if (end !== undefined && !(sameLine && text.slice(at, end).includes('\n'))) at = end;
    else if (at < text.length && blank.test(text.charAt(at))) at += 1;
    else return at;
  }
}

function objectAt({ start, end, properties }: ObjectExpression): SourceObject {
  const members = properties.map((property) => {
    const { key, value } = memberOf(property);
    const name = nameOf(key);
    const inner: SourceValue = value.type === 'ObjectExpression' ? objectAt(value) : { kind: 'other' };
    return { name, start: key.start - 1, valueStart: value.start - 1, end: value.end - 1, value: inner };
  });
  return { kind: 'object', start: start - 1, end: end - 1, members };
}

function valueOf(node: Expression): Json {
  if (node.type === 'ObjectExpression')
    return Object.fromEntries(node.properties.map(memberOf).map(({ key, value }) => [nameOf(key), valueOf(value)]));
  if (node.type === 'ArrayExpression')
    return node.elements.map((element) => (element === null || element.type === 'SpreadElement' ? refuse(node) : valueOf(element)));
  if (node.type === 'Literal') return literalOf(node);
  if (node.type === 'Identifier' && (node.name === 'Infinity' || node.name === 'NaN')) return Number(node.name);
  if (node.type === 'UnaryExpression' && (node.operator === '+' || node.operator === '-')) {
    const value = valueOf(node.argument);
    if (typeof value === 'number') return node.operator === '-' ? -value : value;
  }
  return refuse(node);
}

function literalOf(node: Literal): Json {
  const { value, raw } = node;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return raw === 'null' ? null : refuse(node);
}

function memberOf(property: ObjectExpression['properties'][number]): Property {
  const isPlain = property.type === 'Property' && property.kind === 'init' && !property.method && !property.shorthand && !property.computed;
  return isPlain ? property : refuse(property);
}

function nameOf(key: Property['key']): string {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : refuse(key);
}

function refuse({ start }: { start: number }): never {
  throw new Error(`something at character ${start} is not JSON5`);
}
