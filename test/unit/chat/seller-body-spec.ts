import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readChatRequest } from '../../../src/chat/chat-request.js';
import { sellerBody } from '../../../src/chat/seller-body.js';
import type { Rewrites } from '../../../src/models/models-file.js';

const MODEL = 'some/model';
const NONE: Rewrites = { plainToolIds: false, developerToSystem: false, renameMaxCompletionTokens: false };
const MESSAGES = '"messages":[{"role":"user","content":"Hello"}]';

const sent = (text: string, rewrites: Partial<Rewrites> = {}) =>
  sellerBody(text, readChatRequest(JSON.parse(text)), {
    model: { id: MODEL },
    described: { id: MODEL },
    rewrites: { ...NONE, ...rewrites },
  }).toString();
const body = (more: string) => `{"model":"${MODEL}",${MESSAGES}${more}}`;

describe('the body for the seller', () => {
  it.each([
    body(',"seed":12345678901234567890,"temperature":1.0,"top_p":1e400,"x":-0,"y":1E2,"z":0.1e-7'),
    body(',"logit_bias":{"50256":-100,"15":1,"b":2}'),
    body(',"__proto__":{"stream":true},"constructor":1,"toString":null'),
    body(',"text":"\\u00e4\\ud800\\/ \\"quoted\\" ä🦞"'),
    ` {\n\t"model" : "${MODEL}" ,\r\n ${MESSAGES} } \n`,
    body(',"tools":[{"type":"function","function":{"name":"f","parameters":{"const":9007199254740993,"twice":1,"twice":2}}}]'),
  ])('is the client’s own text, to the letter: %s', (text) => {
    expect(sent(text)).toBe(text);
  });

  it('differs in the model’s prefix alone, wherever the model stands and however its key is written', () => {
    const text = `{ ${MESSAGES} ,"seed":12345678901234567890, "mod\\u0065l"\n: "blockrun-x402/${MODEL}" ,"n":1}`;
    expect(sent(text)).toBe(text.replace('"blockrun-x402/some/model"', '"some/model"'));
  });

  it('means what the client’s means, for every request and every spacing', () => {
    const request = fc.record(
      {
        messages: fc.array(fc.record({ role: fc.constantFrom('user', 'tool'), content: fc.string() }), { minLength: 1 }),
        model: fc.constantFrom(MODEL, `blockrun-x402/${MODEL}`),
        stop: fc.jsonValue(),
        'max\u0020tokens': fc.jsonValue(),
      },
      { requiredKeys: ['messages', 'model'] },
    );
    fc.assert(
      fc.property(request, fc.constantFrom('', '\n', 2), (value, space) => {
        expect(JSON.parse(sent(JSON.stringify(value, null, space)))).toEqual(JSON.parse(JSON.stringify({ ...value, model: MODEL })));
      }),
    );
  });

  it.each([
    ['model', body(`,"model":"other/model"`)],
    ['max_tokens', body(',"max_tokens":5,"max_tokens":5000')],
    ['stream', body(',"stream":false,"strea\\u006d":true')],
    ['x', body(',"x":1,"x":1')],
  ])('has no key twice: %s is refused, for the seller could read the other one', (param, text) => {
    expect(() => sent(text)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});

describe('the most tokens that are asked for', () => {
  const rename = { renameMaxCompletionTokens: true };

  it.each<[more: string, expected: string, rewrites: Partial<Rewrites>]>([
    // The seller prices by max_tokens.
    [',"max_completion_tokens":8192,"n":1', ',"max_tokens":8192,"n":1', rename],
    [',"max_completion_tokens":1E2', ',"max_tokens":1E2', rename],
    [',"max_tokens":100', ',"max_tokens":100', rename],
    [',"max_tokens":100,"max_completion_tokens":50', ',"max_tokens":50', rename],
    [',"max_completion_tokens":50 , "max_tokens":100,"n":1', ',"max_tokens":50,"n":1', rename],
    [',"max_tokens":null,"n":1,"max_completion_tokens":50', ',"max_tokens":50,"n":1', rename],
    [',"max_completion_tokens":8192', ',"max_completion_tokens":8192', {}],
    // The model can make no more.
    [',"max_tokens":100000', ',"max_tokens":4096', { mostTokens: 4096 }],
    [',"max_tokens":4096', ',"max_tokens":4096', { mostTokens: 4096 }],
    [',"max_tokens":1e300', ',"max_tokens":4096', { mostTokens: 4096 }],
    [',"max_completion_tokens":100000,"n":1', ',"max_tokens":4096,"n":1', { mostTokens: 4096, ...rename }],
    [',"max_tokens":9,"max_completion_tokens":100000', ',"max_tokens":9,"max_completion_tokens":4096', { mostTokens: 4096 }],
    // The client names no maximum.
    ['', ',"max_tokens":1024', { tokensWhenNoneIsSent: 1024, ...rename }],
    ['', ',"max_completion_tokens":1024', { tokensWhenNoneIsSent: 1024 }],
    [',"max_tokens":null', ',"max_tokens":1024', { tokensWhenNoneIsSent: 1024, ...rename }],
    [',"max_completion_tokens":null', ',"max_tokens":1024', { tokensWhenNoneIsSent: 1024, ...rename }],
    [',"max_tokens":7', ',"max_tokens":7', { tokensWhenNoneIsSent: 1024, ...rename }],
    ['', ',"max_tokens":512', { tokensWhenNoneIsSent: 1024, mostTokens: 512, ...rename }],
    ['', '', { mostTokens: 512, ...rename }],
    [',"max_tokens":null', ',"max_tokens":null', { mostTokens: 512, ...rename }],
  ])('of "%s" are sent as "%s" with %j', (more, expected, rewrites) => {
    expect(sent(body(more), rewrites)).toBe(body(expected));
  });
});

describe('the messages', () => {
  const withMessages = (messages: string) => `{"model":"${MODEL}","messages":[${messages}],"seed":12345678901234567890}`;

  it('of a developer become those of the system where the model knows no developer', () => {
    const text = withMessages('{"role":"developer","content":"developer"} , {"content":"x","r\\u006fle":"developer"},{"role":"user"}');
    expect(sent(text)).toBe(text);
    expect(sent(text, { developerToSystem: true })).toBe(
      withMessages('{"role":"system","content":"developer"} , {"content":"x","r\\u006fle":"system"},{"role":"user"}'),
    );
  });

  it('have plain tool ids, the same in the call and in its answer, where the model takes no others', () => {
    const messages = (one: string, two: string) =>
      withMessages(
        `{"role":"assistant","content":null,"tool_calls":[{"id":"${one}","function":{"arguments":"{\\"id\\":\\"functions.exec:0\\"}"}},{"id":"${two}"}]},` +
          `{"role":"tool","content":"functions.exec:0","tool_call_id":"${one}"},{"tool_call_id":"${two}","role":"tool"},{"role":"user","content":"x"}`,
      );
    const text = messages('functions.exec:0', 'functions_exec_0');
    expect(sent(text)).toBe(text);
    expect(sent(text, { plainToolIds: true })).toBe(messages('functions_exec_0', 'functions_exec_0_2'));
  });

  it.each(['"tool_calls":"none"', '"tool_calls":[null,5,{"id":7},{}],"tool_call_id":9', '"tool_calls":null', '"tool_calls":[["a.b"]]'])(
    'with the odd %s pass as they are',
    (odd) => {
      const text = withMessages(`{"role":"assistant",${odd}},{"role":"tool","tool_call_id":"a.b"}`);
      expect(sent(text, { plainToolIds: true })).toBe(
        text.replace('{"role":"tool","tool_call_id":"a.b"}', '{"role":"tool","tool_call_id":"a_b"}'),
      );
    },
  );

  // Guards against a list of edits that is handed over as arguments: a body has room for more than a call takes.
  it('can be as many as a body has room for', () => {
    const text = withMessages(Array.from({ length: 150_000 }, () => '{"role":"developer"}').join());
    expect(sent(text, { developerToSystem: true })).toBe(text.replaceAll('developer', 'system'));
  });
});
