import { textOf, type Order } from './order.js';
import { sampleOf } from './wants.js';

export interface ToolCallPart {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

/** One token as a stream carries it. */
export interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
  readonly reasoning_content?: string;
  readonly refusal?: string;
  readonly tool_calls?: readonly ToolCallPart[];
}

export interface Choice {
  readonly deltas: readonly Delta[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
}

const WORDS = 'This answer was made in the sandbox by no model at all and paid to the last micro dollar'.split(' ');
/** Two, three and four bytes a character, for the fault that cuts characters in two. */
const WIDE_WORDS = ['naïve', 'Zürich', '漢字', 'Ελλάδα', '🦞', 'déjà', '👩‍🚀', '–'];
const DEFAULT_TOKENS = 12;
const FRAGMENT = /.{1,5}/gsu;
const THOUGHT = ['Let', ' me', ' think.'];
const REFUSAL = ['I', ' would', ' rather', ' not.'];

/** A call of a tool that the caller of the sandbox wants to see made. */
export interface ScriptedCall {
  readonly name: string;
  readonly arguments: object;
}

/** What the model says to an order: tool calls, a refusal, JSON or words, as the order asks; each choice begins at another word. */
export function choicesFor(order: Order, serial: number, script?: ScriptedCall): Choice[] {
  const thoughts = order.wants.reasons ? THOUGHT.map((text): Delta => ({ reasoning_content: text })) : [];
  const calls = script ? [script] : sampleCalls(order);
  return Array.from({ length: order.wants.choices }, (_, index) => {
    const { deltas, finishReason } = calls.length > 0 ? called(calls, `call_sandbox_${serial}_${index}`) : spoken(order, index);
    return { deltas: [...thoughts, ...deltas], finishReason };
  });
}

function called(calls: readonly ScriptedCall[], id: string): Choice {
  return { deltas: calls.flatMap((call, at) => toolCall(call, at, `${id}_${at}`)), finishReason: 'tool_calls' };
}

function spoken(order: Order, index: number): Choice {
  if (/\brefuse\b/i.test(lastWords(order))) return { deltas: REFUSAL.map((refusal) => ({ refusal })), finishReason: 'stop' };
  if (order.wants.schema) return { deltas: fragments(sampleOf(order.wants.schema)).map((content) => ({ content })), finishReason: 'stop' };
  return words(order, index);
}

function words({ directions, maxTokens = Infinity }: Order, offset: number): Choice {
  const source = directions.fault === 'stream-crlf-split' ? WIDE_WORDS : WORDS;
  const wanted = directions.tokens ?? DEFAULT_TOKENS;
  const deltas = Array.from({ length: Math.min(wanted, maxTokens) }, (_, at) => ({
    content: `${at === 0 ? '' : ' '}${source[(at + offset) % source.length]}`,
  }));
  return { deltas, finishReason: wanted > maxTokens ? 'length' : 'stop' };
}

/** A tool is called when the choice of tools or the user's last words ask for it. */
function sampleCalls(order: Order): ScriptedCall[] {
  const { toolChoice, severalTools } = order.wants;
  const isAsked = toolChoice === 'required' || (toolChoice === 'auto' && /tool/i.test(lastWords(order)));
  const tools =
    typeof toolChoice === 'object'
      ? order.tools.filter((tool) => tool.function?.name === toolChoice.name)
      : order.tools.slice(0, isAsked ? (severalTools ? 2 : 1) : 0);
  return tools.map(({ function: tool }) => ({
    name: typeof tool?.name === 'string' ? tool.name : 'unnamed',
    arguments: sampleOf({ type: 'object', ...tool?.parameters }) as object,
  }));
}

function lastWords({ messages }: Order): string {
  const last = messages.at(-1);
  return last?.role === 'user' ? textOf(last.content) : '';
}

function toolCall({ name, arguments: values }: ScriptedCall, index: number, id: string): Delta[] {
  const opening: ToolCallPart = { index, id, type: 'function', function: { name, arguments: '' } };
  const rest = fragments(values).map((part) => ({ index, function: { arguments: part } }));
  return [opening, ...rest].map((part) => ({ tool_calls: [part] }));
}

function fragments(value: unknown): string[] {
  return JSON.stringify(value).match(FRAGMENT) ?? [];
}
