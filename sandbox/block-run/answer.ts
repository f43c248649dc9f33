import { contentLength, type Order } from './order.js';
import { choicesFor, type Choice, type Delta, type ScriptedCall } from './choices.js';

/** What the model said, before it is put on the wire as one JSON or as chunks. */
export interface Answer {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly Choice[];
  /** How many alternatives are told for each token; undefined: no logprobs at all. */
  readonly alternatives: number | undefined;
  readonly usage: Readonly<Record<string, unknown>>;
}

/** With a script every conversation in which no tool has answered yet gets the scripted call. */
export function answerTo(order: Order, serial: number, script?: ScriptedCall): Answer {
  const isScripted = script !== undefined && !order.messages.some(({ role }) => role === 'tool');
  const choices = choicesFor(order, serial, isScripted ? script : undefined);
  const deltas = choices.flatMap((choice) => choice.deltas);
  return {
    id: `chatcmpl-sandbox-${serial}`,
    created: Math.floor(Date.now() / 1000),
    model: order.model.id,
    choices,
    alternatives: order.wants.alternatives,
    usage: usageOf(Math.ceil(contentLength(order.messages) / 4), deltas),
  };
}

/** How long the model takes, in tokens: its choices are made side by side. */
export function lengthOf({ choices }: Answer): number {
  return Math.max(...choices.map(({ deltas }) => deltas.length));
}

export function completion(answer: Answer) {
  const { id, created, model, usage, alternatives } = answer;
  const choices = answer.choices.map(({ deltas, finishReason }, index) => {
    const logprobs = logprobsOf(deltas, alternatives);
    return { index, message: { role: 'assistant', ...wholeMessage(deltas) }, logprobs, finish_reason: finishReason };
  });
  return { id, object: 'chat.completion', created, model, choices, usage };
}

/** One chunk of one choice. */
export function chunk(answer: Answer, index: number, { delta, finishReason = null }: { delta: Delta; finishReason?: string | null }) {
  const { id, created, model, alternatives } = answer;
  const choices = [{ index, delta, logprobs: logprobsOf([delta], alternatives), finish_reason: finishReason }];
  return { id, object: 'chat.completion.chunk', created, model, choices };
}

/** Sent whether or not the request asked for it, as the real seller may. */
export function usageChunk({ id, created, model, usage }: Answer) {
  return { id, object: 'chat.completion.chunk', created, model, choices: [], usage };
}

function logprobsOf(deltas: readonly Delta[], alternatives: number | undefined) {
  if (alternatives === undefined) return null;
  const tokens = (texts: (string | undefined)[]) => {
    const told = texts.flatMap((token) => (token ? [{ ...logprob(token), top_logprobs: topOf(token, alternatives) }] : []));
    return told.length > 0 ? told : null;
  };
  return { content: tokens(deltas.map(({ content }) => content)), refusal: tokens(deltas.map(({ refusal }) => refusal)) };
}

function topOf(token: string, count: number) {
  return Array.from({ length: count }, (_, rank) => logprob(rank === 0 ? token : `${token}${rank}`));
}

/** Digits to the end, as logprobs have them: a reader that rounds them shows. */
function logprob(token: string) {
  return { token, logprob: -0.1234567890123456 * (token.length + 1), bytes: [...Buffer.from(token)] };
}

function wholeMessage(deltas: readonly Delta[]) {
  const all = (texts: (string | null | undefined)[]) => texts.map((text) => text ?? '').join('') || null;
  const calls = wholeCalls(deltas);
  const reasoning = all(deltas.map(({ reasoning_content: text }) => text));
  return {
    content: all(deltas.map(({ content }) => content)),
    refusal: all(deltas.map(({ refusal }) => refusal)),
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function wholeCalls(deltas: readonly Delta[]) {
  const parts = deltas.flatMap((delta) => delta.tool_calls ?? []);
  return parts
    .filter(({ id }) => id !== undefined)
    .map(({ index, id, type, function: { name } }) => {
      const fragments = parts.filter((part) => part.index === index).map((part) => part.function.arguments);
      return { id, type, function: { name, arguments: fragments.join('') } };
    });
}

function usageOf(promptTokens: number, deltas: readonly Delta[]) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: deltas.length,
    total_tokens: promptTokens + deltas.length,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: deltas.filter((delta) => delta.reasoning_content !== undefined).length },
  };
}
