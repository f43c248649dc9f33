import { isFault, type Fault } from './faults.js';
import type { PricedModel } from './models.js';
import { badRequest, unknownModel, type Refusal } from './refusals.js';
import { readWants, type Wants } from './wants.js';

export interface Message {
  readonly role?: unknown;
  readonly content?: unknown;
}

export interface Tool {
  readonly function?: { readonly name?: unknown; readonly parameters?: { readonly properties?: unknown; readonly required?: unknown } };
}

/** The field `x_sandbox` of a request body: how this one request is to be answered. */
export interface Directions {
  readonly fault?: Fault;
  readonly tokens?: number;
  readonly tokenDelayMs?: number;
  readonly pauseAfterTokens?: number;
}

export interface Order {
  readonly model: PricedModel;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly maxTokens: number | undefined;
  readonly streamed: boolean;
  readonly wants: Wants;
  readonly directions: Directions;
}

const MAX_TOKENS_PER_ANSWER = 100_000;

/** Reads a request body as the seller does before it quotes: model, messages and max_tokens are judged, all else is passed on. */
export function readOrder(raw: Buffer, models: readonly PricedModel[]): Order | Refusal {
  const body = parseObject(raw);
  if (body === undefined) return badRequest([], 'Body must be a JSON object');
  const { model: id, messages } = body;
  const maxTokens = body['max_tokens'] ?? body['max_completion_tokens'];
  if (typeof id !== 'string') return badRequest(['model'], 'Required');
  if (!Array.isArray(messages) || messages.length === 0) return badRequest(['messages'], 'Required');
  if (maxTokens !== undefined && maxTokens !== null && !isPositiveInteger(maxTokens))
    return badRequest(['max_tokens'], 'Expected integer >= 1');
  const model = models.find((candidate) => candidate.id === id);
  if (model === undefined) return unknownModel(id);
  const directions = readDirections(body['x_sandbox']);
  if (directions === undefined) return badRequest(['x_sandbox'], 'Unknown fault, or a number that is not a whole one in range');

  return {
    model,
    messages: messages as Message[],
    tools: Array.isArray(body['tools']) ? (body['tools'] as Tool[]) : [],
    maxTokens: isPositiveInteger(maxTokens) ? maxTokens : undefined,
    streamed: body['stream'] === true,
    wants: readWants(body),
    directions,
  };
}

/** Characters of message content, the text parts of mixed content included. */
export function contentLength(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + textOf(content).length, 0);
}

export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

function readDirections(field: unknown): Directions | undefined {
  if (field === undefined) return {};
  if (typeof field !== 'object' || field === null) return undefined;
  const { fault, ...numbers } = field as Record<string, unknown>;
  const isRight = (fault === undefined || isFault(fault)) && Object.values(numbers).every(isBoundedCount);
  return isRight ? field : undefined;
}

function parseObject(raw: Buffer): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(raw.toString());
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: the caller answers 400 for both.
    return undefined;
  }
}

function isBoundedCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TOKENS_PER_ANSWER;
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}
