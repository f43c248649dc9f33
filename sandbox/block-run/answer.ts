import { contentLength, textOf, type Order, type Tool } from './order.js';

export interface ToolCallPart {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

/** One token as a stream carries it. */
export interface Delta {
  readonly content?: string;
  readonly tool_calls?: readonly ToolCallPart[];
}

/** What the model said, before it is put on the wire as one JSON or as chunks. */
export interface Answer {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly deltas: readonly Delta[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  readonly usage: Readonly<Record<string, unknown>>;
}

const WORDS = 'This answer was made in the sandbox by no model at all and paid to the last micro dollar'.split(' ');
/** Two, three and four bytes a character, for the fault that cuts characters in two. */
const WIDE_WORDS = ['naïve', 'Zürich', '漢字', 'Ελλάδα', '🦞', 'déjà', '👩‍🚀', '–'];
const DEFAULT_TOKENS = 12;
const ARGUMENT_FRAGMENT_CHARS = 5;

/** A call of a tool that the caller of the sandbox wants to see made. */
export interface ScriptedCall {
  readonly name: string;
  readonly arguments: object;
}

/** With a script every conversation in which no tool has answered yet gets the scripted call. */
export function answerTo(order: Order, serial: number, script?: ScriptedCall): Answer {
  const call = script !== undefined && !order.messages.some(({ role }) => role === 'tool') ? script : sampleCall(order);
  const deltas = call !== undefined ? toolCallDeltas(call, serial) : textDeltas(order);
  const isToolCall = deltas[0]?.tool_calls !== undefined;
  const wanted = order.directions.tokens ?? DEFAULT_TOKENS;
  const isCut = !isToolCall && order.maxTokens !== undefined && wanted > order.maxTokens;
  return {
    id: `chatcmpl-sandbox-${serial}`,
    created: Math.floor(Date.now() / 1000),
    model: order.model.id,
    deltas,
    finishReason: isToolCall ? 'tool_calls' : isCut ? 'length' : 'stop',
    usage: usageOf(Math.ceil(contentLength(order.messages) / 4), deltas.length),
  };
}

export function completion(answer: Answer) {
  const { id, created, model, finishReason, usage } = answer;
  const message = { role: 'assistant', ...wholeMessage(answer.deltas) };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
  return { id, object: 'chat.completion', created, model, choices, usage };
}

export function chunk({ id, created, model }: Answer, delta: object, finishReason: string | null = null) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return { id, object: 'chat.completion.chunk', created, model, choices };
}

/** Sent whether or not the request asked for it, as the real seller may. */
export function usageChunk({ id, created, model, usage }: Answer) {
  return { id, object: 'chat.completion.chunk', created, model, choices: [], usage };
}

/** A user whose last words name a tool gets a call of the first that there is. */
function sampleCall({ messages, tools: [tool] }: Order): ScriptedCall | undefined {
  const last = messages.at(-1);
  if (tool === undefined || last?.role !== 'user' || !/tool/i.test(textOf(last.content))) return undefined;
  const name = typeof tool.function?.name === 'string' ? tool.function.name : 'unnamed';
  return { name, arguments: sampleArguments(tool) };
}

function textDeltas({ directions, maxTokens }: Order): Delta[] {
  const words = directions.fault === 'stream-crlf-split' ? WIDE_WORDS : WORDS;
  const count = Math.min(directions.tokens ?? DEFAULT_TOKENS, maxTokens ?? Infinity);
  return Array.from({ length: count }, (_, at) => ({ content: `${at === 0 ? '' : ' '}${words[at % words.length]}` }));
}

function toolCallDeltas({ name, arguments: values }: ScriptedCall, serial: number): Delta[] {
  const fragments = JSON.stringify(values).match(new RegExp(`.{1,${ARGUMENT_FRAGMENT_CHARS}}`, 'gsu')) ?? [];
  const opening: ToolCallPart = { index: 0, id: `call_sandbox_${serial}`, type: 'function', function: { name, arguments: '' } };
  return [opening, ...fragments.map((part) => ({ index: 0, function: { arguments: part } }))].map((part) => ({ tool_calls: [part] }));
}

/** A value of the right type for each required property, so that a client which checks the arguments takes them. */
function sampleArguments(tool: Tool): Record<string, unknown> {
  const { properties, required } = tool.function?.parameters ?? {};
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const schemas = (properties ?? {}) as Record<string, { type?: unknown } | undefined>;
  const samples: Record<string, unknown> = { number: 1, integer: 1, boolean: true, array: [], object: {} };
  return Object.fromEntries(names.map((name) => [name, samples[String(schemas[name]?.type)] ?? 'sandbox']));
}

function wholeMessage(deltas: readonly Delta[]) {
  const [opening, ...rest] = deltas.flatMap((delta) => delta.tool_calls ?? []);
  if (opening === undefined) return { content: deltas.map(({ content }) => content ?? '').join(''), refusal: null };
  const call = { id: opening.id, type: opening.type };
  const all = rest.map((part) => part.function.arguments).join('');
  return { content: null, refusal: null, tool_calls: [{ ...call, function: { name: opening.function.name, arguments: all } }] };
}

function usageOf(promptTokens: number, completionTokens: number) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}
