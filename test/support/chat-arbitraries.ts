import fc from 'fast-check';

/** Parts of valid chat completion requests, as OpenAI documents them. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({
    type: fc.constant('image_url'),
    image_url: fc.record({ url: fc.constant('data:image/png;base64,AA=='), detail: fc.constant('low') }),
  }),
);
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }));
const toolId = fc.string({ unit: fc.constantFrom('a', '_', '1', '.', ':'), minLength: 1, maxLength: 6 });
const call = fc.record({
  id: toolId,
  type: fc.constant('function'),
  function: fc.record({ name: fc.constant('look'), arguments: fc.json({ maxDepth: 1 }) }),
});
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer', 'user'), content }),
  fc.record({ role: fc.constant('assistant'), content: fc.option(text), tool_calls: fc.array(call, { minLength: 1, maxLength: 2 }) }),
  fc.record({ role: fc.constant('tool'), tool_call_id: toolId, content: text }),
);
const lastMessage = fc.record({
  role: fc.constant('user'),
  content: fc.oneof(content, fc.constantFrom('Use the tool.', 'Please refuse.')),
});

const scalar = fc.oneof(
  fc.record({ type: fc.constantFrom('string', 'integer', 'boolean') }),
  fc.record({ enum: fc.array(text, { minLength: 1 }) }),
);
const schema = fc.dictionary(fc.constantFrom('a', 'b', 'ü'), scalar).map((properties) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
}));
const tool = (name: string) =>
  fc.record({ type: fc.constant('function'), function: fc.record({ name: fc.constant(name), parameters: schema }) });
const format = fc.oneof(
  fc.constantFrom({ type: 'text' }, { type: 'json_object' }),
  schema.map((shape) => ({ type: 'json_schema', json_schema: { name: 'shape', strict: true, schema: shape } })),
);
const tokens = fc.integer({ min: 1, max: 40 });
/** One limit at most: of two the proxy sends the smaller. */
const limits = fc.oneof(
  fc.record({ max_tokens: fc.option(tokens) }, { requiredKeys: [] }),
  fc.record({ max_completion_tokens: fc.option(tokens), max_tokens: fc.constant(null) }, { requiredKeys: ['max_completion_tokens'] }),
);
const directions = fc.record(
  {
    tokens: fc.integer({ min: 1, max: 30 }),
    fault: fc.constantFrom('stream-crlf-split', 'stream-usage-null', 'stream-no-done'),
  },
  { requiredKeys: [] },
);

/** The body of a valid request, without its model and without a limit, as fields. */
export const chatFields = fc.record(
  {
    messages: fc.tuple(fc.array(message, { maxLength: 4 }), lastMessage).map(([before, last]) => [...before, last]),
    stream: fc.boolean(),
    stream_options: fc.record({ include_usage: fc.boolean() }),
    n: fc.option(fc.integer({ min: 1, max: 3 })),
    tools: fc.tuple(tool('look'), tool('listen')).map((tools) => [...tools]),
    tool_choice: fc.constantFrom('auto', 'none', 'required', { type: 'function', function: { name: 'listen' } }),
    parallel_tool_calls: fc.boolean(),
    response_format: format,
    reasoning_effort: fc.constantFrom('none', 'low', 'high'),
    logprobs: fc.boolean(),
    top_logprobs: fc.integer({ min: 0, max: 3 }),
    stop: fc.oneof(text, fc.array(text, { maxLength: 4 })),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    logit_bias: fc.dictionary(fc.nat().map(String), fc.integer({ min: -100, max: 100 })),
    metadata: fc.dictionary(text, text),
    unheard_of: fc.jsonValue(),
    x_sandbox: directions,
  },
  { requiredKeys: ['messages'] },
);

export const limitedChatFields = fc.tuple(chatFields, limits).map(([some, limit]) => ({ ...some, ...limit }));

/** Numbers as they stand in a JSON text, of which many are not what a double can hold. */
export const numberText = fc.oneof(
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.constantFrom('1.0', '-0', '1e400', '1E2', '0.10', '9007199254740993', '0.1234567890123456789'),
);

/** What makes a request invalid, as the fields that it gets. */
export const brokenFields = fc.oneof(
  ...['model', 'messages', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'n', 'tools'].map((name) =>
    fc.constantFrom('x', -1, 1.5).map((value) => ({ [name]: value })),
  ),
  fc.constantFrom(
    { model: 'openai/gpt-99' },
    { stream_options: [] },
    { tools: {} },
    { messages: {} },
    { messages: [] },
    { messages: [{ role: 'robot', content: 'x' }] },
    { messages: [{}] },
  ),
  fc.constant({ messages: [{ role: 'user', content: 7 }] }),
);
