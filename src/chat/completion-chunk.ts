/** The parts of an OpenAI `chat.completion.chunk` that the proxy looks at. Everything else passes unread. */
export interface CompletionChunk {
  id?: unknown;
  created?: unknown;
  model?: unknown;
  choices?: { index?: unknown; delta?: unknown; finish_reason?: unknown }[];
  usage?: unknown;
}

/** Parses the data of a stream event. @throws Error when it is not a JSON object */
export function parseChunk(data: string): CompletionChunk {
  const chunk: unknown = JSON.parse(data);
  if (typeof chunk !== 'object' || chunk === null || Array.isArray(chunk)) throw new Error('an event of the stream is not a JSON object');
  return chunk;
}

/** True for the chunk that only brings the usage: OpenAI sends it when, and only when, `stream_options.include_usage` is set. */
export function isUsageOnly(chunk: CompletionChunk): boolean {
  return Array.isArray(chunk.choices) && chunk.choices.length === 0 && Boolean(chunk.usage);
}

/** Whether it brings a part of the answer, be it text or a call of a tool, and not only the announcement of one. */
export function bringsText({ choices }: CompletionChunk): boolean {
  if (!Array.isArray(choices)) return false;
  const isPart = ([name, value]: [string, unknown]) => name !== 'role' && value !== '' && value !== null;
  return choices.some((choice) => Object.entries(choice?.delta ?? {}).some(isPart));
}

/** How far a stream has come. */
export interface StreamState {
  /** The facts of the newest chunk that had them. */
  facts: CompletionChunk;
  /** Whether a chunk came that brings only the usage. */
  hadUsageChunk: boolean;
  /** The choices that a client may still wait for. */
  unfinished: readonly number[];
}

/**
 * The chunks that end a stream which broke: a finish reason `length` (the text was cut) for each choice that has none, so that no client
 * takes it for a failure that is worth a second purchase.
 */
export function closingChunks(state: StreamState, request: { model: string; wantsUsage: boolean }): string[] {
  const closed = (index: number) => chunkText(state.facts, request, { choices: [{ index, delta: {}, finish_reason: 'length' }] });
  return [...state.unfinished.map(closed), ...lateUsage(state, request)];
}

/** The chunk that brings the usage, where it is wanted, known, and has not come by itself: some sellers tell it beside the last words. */
export function lateUsage({ facts, hadUsageChunk }: StreamState, request: { model: string; wantsUsage: boolean }): string[] {
  return request.wantsUsage && facts.usage && !hadUsageChunk ? [chunkText(facts, request, { choices: [], usage: facts.usage })] : [];
}

function chunkText({ id, created, model }: CompletionChunk, request: { model: string }, more: object): string {
  return JSON.stringify({
    id: id ?? 'chatcmpl-incomplete',
    object: 'chat.completion.chunk',
    created: created ?? Math.floor(Date.now() / 1000),
    model: model ?? request.model,
    ...more,
  });
}

/** A whole completion as the chunks of a stream, for a seller that was asked for a stream and answered in one piece. */
export function completionAsChunks(json: string, { wantsUsage }: { wantsUsage: boolean }): string[] {
  const { choices, usage, object: _object, ...facts } = JSON.parse(json) as Record<string, unknown>;
  const chunk = (some: object) => JSON.stringify({ ...facts, object: 'chat.completion.chunk', ...some });
  const whole = Array.isArray(choices) ? choices.filter(isChoice) : [];
  const deltas = whole.map(({ message, ...choice }) => chunk({ choices: [{ ...choice, delta: indexedToolCalls(message ?? {}) }] }));
  // A completion without a choice is no more than a stream that ended early.
  const ended = deltas.length > 0 ? deltas : [chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })];
  return wantsUsage && usage ? [...ended, chunk({ choices: [], usage })] : ended;
}

function isChoice(choice: unknown): choice is { message?: object } {
  return typeof choice === 'object' && choice !== null;
}

/** Streamed tool calls carry their index; whole ones do not. */
function indexedToolCalls(message: { tool_calls?: unknown }): object {
  if (!Array.isArray(message.tool_calls)) return message;
  return { ...message, tool_calls: message.tool_calls.map((call: object, index) => ({ index, ...call })) };
}
