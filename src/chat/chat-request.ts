import { IsArray, IsBoolean, IsInt, IsNotEmpty, IsObject, IsOptional, IsString, Max, Min, ValidateBy, validateSync } from 'class-validator';
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

const AreMessages = () =>
  ValidateBy({
    name: 'areMessages',
    validator: { validate: (value: unknown) => !Array.isArray(value) || faultOfMessages(value) === undefined },
  });

/**
 * The fields of a chat completion request that the proxy itself understands (OpenAI API, "Create chat completion"). It is an object of
 * its own with the values of the body, so that messages and unknown fields are neither copied nor changed; the body is what is sent.
 */
export class ChatRequest {
  @IsString({ message: 'must be a string' }) @IsNotEmpty({ message: 'must not be empty' }) model!: string;
  @IsArray({ message: 'must be an array' }) @AreMessages() messages!: unknown[];
  @IsOptional() @IsBoolean({ message: 'must be true or false' }) stream?: boolean | null;
  @IsOptional() @IsObject({ message: 'must be an object' }) stream_options?: { include_usage?: unknown } | null;
  @IsOptional() @IsInt({ message: 'must be a whole number' }) @Min(1, { message: 'must be at least 1' }) max_tokens?: number | null;
  @IsOptional() @IsInt({ message: 'must be a whole number' }) @Min(1, { message: 'must be at least 1' }) max_completion_tokens?:
    number | null;
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(128, { message: 'must be at most 128' })
  n?: number | null;
  @IsOptional() @IsArray({ message: 'must be an array' }) tools?: unknown[] | null;
  /** Live search, which the seller charges for by sources and not by tokens. */
  @IsOptional() search_parameters?: unknown;

  get isStreamed(): boolean {
    return this.stream === true;
  }

  get wantsUsage(): boolean {
    return this.stream_options?.include_usage === true;
  }
}

const UNDERSTOOD = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'tools',
  'search_parameters',
] as const;

/** @throws CodedError invalid_request with the field at fault */
export function readChatRequest(body: unknown): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new CodedError('invalid_request', 'The body must be a JSON object.');
  const request = new ChatRequest();
  for (const field of UNDERSTOOD) {
    if (Object.hasOwn(body, field)) Object.assign(request, { [field]: (body as Record<string, unknown>)[field] });
  }
  const [error] = validateSync(request, { stopAtFirstError: true });
  if (!error) return request;
  const [[name, reason] = ['', 'is invalid']] = Object.entries(error.constraints ?? {});
  const fault = name === 'areMessages' ? faultOfMessages(request.messages) : undefined;
  const { param, reason: why } = fault ?? { param: error.property, reason };
  throw new CodedError('invalid_request', `Invalid '${param}': ${why}.`, { param });
}
