import { isArray, isBoolean, isInt, isNotEmpty, isObject, isString, max, min } from 'class-validator';
import { CodedError } from '../errors/coded-error.js';

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool', 'function'];

/** What the error shows: the path of the value, and the reason. */
interface Fault {
  param: string;
  reason: string;
}

/** The first message that is not one; undefined when all are. */
function faultOfMessages(messages: unknown[]): Fault | undefined {
  if (messages.length === 0) return { param: 'messages', reason: 'must hold at least one message' };
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return { param, reason: 'must be an object' };
    const { role, content } = message as { role?: unknown; content?: unknown };
    if (typeof role !== 'string' || !ROLES.includes(role)) return { param: `${param}.role`, reason: `must be one of ${ROLES.join(', ')}` };
    if (content !== undefined && content !== null && typeof content !== 'string' && !Array.isArray(content)) {
      return { param: `${param}.content`, reason: 'must be a string, an array of parts, or null' };
    }
  }
  return undefined;
}

/**
 * The fields of a chat completion request that the proxy itself understands (OpenAI API, "Create chat completion"). It is an object of
 * its own with the values of the body, so that messages and unknown fields are neither copied nor changed; the body is what is sent.
 */
export class ChatRequest {
  model!: string;
  messages!: unknown[];
  stream?: boolean | null;
  stream_options?: { include_usage?: unknown } | null;
  max_tokens?: number | null;
  max_completion_tokens?: number | null;
  n?: number | null;
  tools?: unknown[] | null;
  /** Live search, which the seller charges for by sources and not by tokens. */
  search_parameters?: unknown;

  get isStreamed(): boolean {
    return this.stream === true;
  }

  get wantsUsage(): boolean {
    return this.stream_options?.include_usage === true;
  }
}

/** Says what is wrong with the value of a field; undefined where nothing is. */
type Rule = (value: unknown, param: string) => Fault | undefined;

const must =
  (isMet: (value: unknown) => boolean, reason: string): Rule =>
  (value, param) =>
    isMet(value) ? undefined : { param, reason: `must ${reason}` };

const BE_AN_ARRAY = must(isArray, 'be an array');
const A_COUNT = [must((value) => min(value, 1), 'be at least 1'), must(isInt, 'be a whole number')];

/** The fields, and the rules of each, in the order in which they are looked at; one that is not required may be null or left out. */
const FIELDS: { name: Exclude<keyof ChatRequest, 'isStreamed' | 'wantsUsage'>; rules: Rule[]; isRequired?: true }[] = [
  { name: 'model', rules: [must(isNotEmpty, 'not be empty'), must(isString, 'be a string')], isRequired: true },
  { name: 'messages', rules: [BE_AN_ARRAY, (value) => faultOfMessages(value as unknown[])], isRequired: true },
  { name: 'stream', rules: [must(isBoolean, 'be true or false')] },
  { name: 'stream_options', rules: [must(isObject, 'be an object')] },
  { name: 'max_tokens', rules: A_COUNT },
  { name: 'max_completion_tokens', rules: A_COUNT },
  { name: 'n', rules: [must((value) => max(value, 128), 'be at most 128'), ...A_COUNT] },
  { name: 'tools', rules: [BE_AN_ARRAY] },
  { name: 'search_parameters', rules: [] },
];

/**
 * Looks at each field by class-validator's own tests. Its decorators would take twenty times as long, and 18 KB for each request that are garbage at once.
 * @throws CodedError invalid_request with the field at fault
 */
export function readChatRequest(body: unknown): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new CodedError('invalid_request', 'The body must be a JSON object.');
  const request = new ChatRequest();
  for (const { name, rules, isRequired } of FIELDS) {
    const value: unknown = Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
    if (isRequired || (value !== undefined && value !== null)) refuseUnless(rules, { param: name, value });
    if (value !== undefined) request[name] = value as never;
  }
  return request;
}

function refuseUnless(rules: readonly Rule[], { param, value }: { param: string; value: unknown }): void {
  for (const rule of rules) {
    const fault = rule(value, param);
    if (fault) throw new CodedError('invalid_request', `Invalid '${fault.param}': ${fault.reason}.`, { param: fault.param });
  }
}
