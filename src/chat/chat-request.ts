import { isArray, isBoolean, isInt, isNotEmpty, isObject, isString, max, min } from 'class-validator';
import { CodedError } from '../errors/coded-error.js';

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool', 'function'];

/** The first message that is not one, as the path and the reason that the error shows; undefined when all are. */
function faultOfMessages(messages: unknown[]): { param: string; reason: string } | undefined {
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

/** What a value must be, and the reason that the error shows where it is not. */
type Rule = [isMet: (value: unknown) => boolean, reason: string];

const A_STRING: Rule = [isString, 'must be a string'];
const AN_ARRAY: Rule = [isArray, 'must be an array'];
const A_WHOLE_NUMBER: Rule = [isInt, 'must be a whole number'];
const AT_LEAST_1: Rule = [(value) => min(value, 1), 'must be at least 1'];

/** The fields in the order in which they are looked at; one that is not required may be null or left out. */
const FIELDS: { name: Exclude<keyof ChatRequest, 'isStreamed' | 'wantsUsage'>; rules: Rule[]; isRequired?: true }[] = [
  { name: 'model', rules: [A_STRING, [isNotEmpty, 'must not be empty']], isRequired: true },
  { name: 'messages', rules: [AN_ARRAY], isRequired: true },
  { name: 'stream', rules: [[isBoolean, 'must be true or false']] },
  { name: 'stream_options', rules: [[isObject, 'must be an object']] },
  { name: 'max_tokens', rules: [A_WHOLE_NUMBER, AT_LEAST_1] },
  { name: 'max_completion_tokens', rules: [A_WHOLE_NUMBER, AT_LEAST_1] },
  { name: 'n', rules: [A_WHOLE_NUMBER, AT_LEAST_1, [(value) => max(value, 128), 'must be at most 128']] },
  { name: 'tools', rules: [AN_ARRAY] },
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
  const fault = faultOfMessages(request.messages);
  if (fault) throw invalid(fault.param, fault.reason);
  return request;
}

function refuseUnless(rules: readonly Rule[], { param, value }: { param: string; value: unknown }): void {
  for (const [isMet, reason] of rules) if (!isMet(value)) throw invalid(param, reason);
}

function invalid(param: string, reason: string): CodedError {
  return new CodedError('invalid_request', `Invalid '${param}': ${reason}.`, { param });
}
