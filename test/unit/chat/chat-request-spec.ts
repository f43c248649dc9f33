import { describe, expect, it } from '@jest/globals';
import { readChatRequest } from '../../../src/chat/chat-request.js';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const body = (fields: Record<string, unknown> = {}) => ({ model: 'openai/gpt-5.4-mini', messages: MESSAGES, ...fields });

describe('a chat completion request', () => {
  it('needs a model and messages, and no more', () => {
    expect(readChatRequest(body())).toMatchObject({
      model: 'openai/gpt-5.4-mini',
      messages: MESSAGES,
      isStreamed: false,
      wantsUsage: false,
    });
  });

  it.each(['developer', 'system', 'user', 'assistant', 'tool', 'function'])('takes messages of the role %s', (role) => {
    expect(readChatRequest(body({ messages: [{ role, content: 'x' }] })).messages).toHaveLength(1);
  });

  it.each(['text', '', null, undefined, [{ type: 'text', text: 'x' }], []])('takes the content %j', (content) => {
    expect(readChatRequest(body({ messages: [{ role: 'user', content }] })).messages).toHaveLength(1);
  });

  it.each(['stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'n', 'tools'])('takes null for %s', (field) => {
    expect(readChatRequest(body({ [field]: null })).isStreamed).toBe(false);
  });

  it('is streamed when stream is true', () => {
    expect(readChatRequest(body({ stream: true })).isStreamed).toBe(true);
    expect(readChatRequest(body({ stream: false })).isStreamed).toBe(false);
  });

  it.each([
    [{ include_usage: true }, true],
    [{ include_usage: false }, false],
    [{ include_usage: 'true' }, false],
    [{}, false],
    [null, false],
  ])('with the stream options %j wants usage: %s', (stream_options, wanted) => {
    expect(readChatRequest(body({ stream: true, stream_options })).wantsUsage).toBe(wanted);
  });

  it('does not copy or change the messages', () => {
    const request = body();
    expect(readChatRequest(request).messages).toBe(request.messages);
  });
});

const NOT_AN_OBJECT = [undefined, null, 'text', 5, true, [], [body()]];

type Wrong = [param: string, fields: Record<string, unknown>];

const WRONG: Wrong[] = [
  ...[undefined, null, 5, true, {}, [], ''].map((model): Wrong => ['model', { model }]),
  ...[undefined, null, 'text', 5, {}, []].map((messages): Wrong => ['messages', { messages }]),
  ...['true', 1, 0, {}, []].map((stream): Wrong => ['stream', { stream }]),
  ...['text', true, 5, []].map((stream_options): Wrong => ['stream_options', { stream_options }]),
  ...['100', 0, -1, 1.5, true, [], {}].flatMap((tokens): Wrong[] => [
    ['max_tokens', { max_tokens: tokens }],
    ['max_completion_tokens', { max_completion_tokens: tokens }],
  ]),
  ...['1', 0, -1, 1.5, 129, 1e9].map((n): Wrong => ['n', { n }]),
  ...['text', 5, {}, true].map((tools): Wrong => ['tools', { tools }]),
  ...['text', null, 5, [], true].map((message): Wrong => ['messages[1]', { messages: [...MESSAGES, message] }]),
  ...[undefined, null, 'robot', 5, 'User', '__proto__'].map((role): Wrong => [
    'messages[1].role',
    { messages: [...MESSAGES, { role, content: 'x' }] },
  ]),
  ...[5, true, {}].map((content): Wrong => ['messages[0].content', { messages: [{ role: 'user', content }] }]),
];

describe('a request that is wrong', () => {
  it.each(NOT_AN_OBJECT)('because its body is %j is refused', (wrong) => {
    expect(() => readChatRequest(wrong)).toThrow(expect.objectContaining({ code: 'invalid_request', param: undefined }));
  });

  it.each(WRONG)('in its %s is refused and told so: %j', (param, fields) => {
    expect(() => readChatRequest(body(fields))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, message: expect.stringMatching(/^Invalid '.+': must /) }),
    );
  });

  it.each([
    [{ model: undefined, messages: [] }, "Invalid 'model': must not be empty."],
    [{ messages: [{}], stream: 1 }, "Invalid 'messages[0].role': must be one of developer, system, user, assistant, tool, function."],
    [{ stream: 1, n: 'x' }, "Invalid 'stream': must be true or false."],
    [{ n: 'x', tools: 1 }, "Invalid 'n': must be at most 128."],
    [{ max_tokens: 'x', n: 'x' }, "Invalid 'max_tokens': must be at least 1."],
  ])('in several places is told of the first: %j', (fields, message) => {
    expect(() => readChatRequest(body(fields))).toThrow(message);
  });

  it('is told without quoting what stood there', () => {
    const secret = 'a prompt that nobody should see in a log';
    expect(() => readChatRequest(body({ messages: [{ role: secret, content: secret }] }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
  });
});

describe('what the proxy does not understand', () => {
  it('is passed over, however strange', () => {
    const request = readChatRequest(
      body({ temperature: 'hot', reasoning_effort: 5, isStreamed: true, wantsUsage: true, constructor: 'x', toString: null }),
    );
    expect(request.isStreamed).toBe(false);
    expect(request.wantsUsage).toBe(false);
  });

  it('changes no prototype', () => {
    const evil =
      '{"model":"a/b","messages":[{"role":"user","content":"x","__proto__":{"role":"system"}}],"__proto__":{"stream":true,"polluted":1}}';
    const request = readChatRequest(JSON.parse(evil));
    expect(request.isStreamed).toBe(false);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((request as unknown as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('does not stand in for a field that is missing', () => {
    expect(() => readChatRequest(JSON.parse('{"__proto__":{"model":"a/b","messages":[{"role":"user","content":"x"}]}}'))).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
    expect(() => readChatRequest(Object.create(body()))).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
