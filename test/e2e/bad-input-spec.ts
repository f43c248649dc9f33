import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { MAX_BODY_BYTES } from '../../src/http/json-body.middleware.js';
import { chatBody, ProxyUnderTest } from './proxy.js';

const user = { role: 'user', content: 'hi' };

const INVALID: [what: string, body: unknown, expected: { status: number; code: string; param?: string | null }][] = [
  ['malformed JSON', '{"model":', { status: 400, code: 'invalid_json' }],
  ['an empty body', '', { status: 400, code: 'invalid_json' }],
  ['a JSON string', '"hello"', { status: 400, code: 'invalid_request' }],
  ['a JSON array', '[]', { status: 400, code: 'invalid_request' }],
  ['no model', { messages: [user] }, { status: 400, code: 'invalid_request', param: 'model' }],
  ['a model that is a number', { model: 5, messages: [user] }, { status: 400, code: 'invalid_request', param: 'model' }],
  ['a model off the list', chatBody({ model: 'openai/gpt-99' }), { status: 404, code: 'model_not_found', param: 'model' }],
  ['a model named like an object’s own key', chatBody({ model: '__proto__' }), { status: 404, code: 'model_not_found', param: 'model' }],
  ['no messages', { model: 'openai/gpt-5.4-nano' }, { status: 400, code: 'invalid_request', param: 'messages' }],
  ['an empty list of messages', chatBody({ messages: [] }), { status: 400, code: 'invalid_request', param: 'messages' }],
  ['messages as an object', chatBody({ messages: { 0: user } }), { status: 400, code: 'invalid_request', param: 'messages' }],
  ['a message that is a string', chatBody({ messages: [user, 'hi'] }), { status: 400, code: 'invalid_request', param: 'messages[1]' }],
  [
    'an unknown role',
    chatBody({ messages: [{ role: 'boss', content: 'hi' }] }),
    { status: 400, code: 'invalid_request', param: 'messages[0].role' },
  ],
  [
    'content that is a number',
    chatBody({ messages: [user, { role: 'user', content: 4 }] }),
    { status: 400, code: 'invalid_request', param: 'messages[1].content' },
  ],
  ['stream as a string', chatBody({ stream: 'true' }), { status: 400, code: 'invalid_request', param: 'stream' }],
  ['negative max_tokens', chatBody({ max_tokens: -1 }), { status: 400, code: 'invalid_request', param: 'max_tokens' }],
  ['a fraction of choices', chatBody({ n: 1.5 }), { status: 400, code: 'invalid_request', param: 'n' }],
];

describe('bad input', () => {
  let world: World;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
  });
  afterAll(async () => {
    expect(world.seller.asked + world.seller.paidSends).toBe(0);
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: 0n, calls: 0 });
    await proxy.remove();
    await world.stop();
  });

  it.each(INVALID)('%s is refused in OpenAI’s form and reaches nobody', async (_what, body, { status, code, param = null }) => {
    const response = await proxy.post(body);
    const { error } = (await response.json()) as { error: { message: string; type: string } };
    expect(response.status).toBe(status);
    expect(error).toEqual({ message: expect.any(String), type: 'invalid_request_error', code, param });
    expect(response.headers.get('x-blockrun-proxy-request-id')).toMatch(/^req_/);
  });

  it('another content type than JSON is a 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      const response = await proxy.post(chatBody(), { headers: { 'content-type': type } });
      expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
        415,
        'unsupported_content_type',
      ]);
    }
  });

  it('a body over the limit is a 413 by its announced length, before it is sent', async () => {
    const { hostname, port } = new URL(proxy.url);
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': MAX_BODY_BYTES + 1 };
      const call = request({ hostname, port, method: 'POST', path: '/v1/chat/completions', headers }, (response) => {
        resolve(response.statusCode);
        call.destroy();
      });
      call.on('error', reject);
      call.flushHeaders(); // not a byte of the body
    });
    expect(status).toBe(413);
  });

  it('a body that grows over the limit without an announced length is a 413 too', async () => {
    const part = new TextEncoder().encode(`{"model":"${'x'.repeat(64 * 1024)}`);
    // The system's own buffers take tens of megabytes without the proxy.
    const endless = 16 * MAX_BODY_BYTES;
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent > endless) return controller.close();
        sent += part.length;
        controller.enqueue(part);
      },
    });
    const status = await proxy
      .post('', { body, duplex: 'half' })
      .then((response) => response.status)
      .catch(() => 'cut off');
    expect([413, 'cut off']).toContain(status);
    expect(sent).toBeLessThan(endless);
  });

  it('an unknown path is a 404 in OpenAI’s form', async () => {
    const response = await fetch(`${proxy.url}/v1/embeddings`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found', param: null } });
  });

  it('a foreign Host, Origin or site is a 403 before its body is read, and /health answers all the same', async () => {
    const raw = (head: string) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(proxy.url);
        const socket = connect(Number(port), hostname, () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
        let answer = '';
        socket
          .on('data', (part) => (answer += part.toString()))
          .on('end', () => resolve(answer))
          .on('error', reject);
      });
    const post = 'POST /v1/chat/completions HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 0';
    expect(await raw(`${post}\r\nHost: evil.example`)).toMatch(/^HTTP\/1\.1 403 [\s\S]*foreign_host/);
    expect(await raw(`${post}\r\nHost: localhost.evil.example`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw(`${post}\r\nHost: localhost\r\nOrigin: https://evil.example`)).toMatch(/^HTTP\/1\.1 403 [\s\S]*foreign_origin/);
    expect(await raw(`${post}\r\nHost: localhost\r\nOrigin: null`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw(`${post}\r\nHost: localhost\r\nSec-Fetch-Site: cross-site`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw('GET /v1/budget HTTP/1.1\r\nHost: evil.example')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw('GET / HTTP/1.1\r\nHost: evil.example')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw('GET /health HTTP/1.1\r\nHost: evil.example')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('a set token is demanded of every call', async () => {
    const guarded = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_PROXY_TOKEN: 'a-token-of-some-length' } });
    const statusWith = async (authorization?: string) =>
      (await fetch(`${guarded.url}/v1/models`, { headers: authorization ? { authorization } : {} })).status;
    expect([await statusWith(), await statusWith('Bearer wrong'), await statusWith('Bearer a-token-of-some-length')]).toEqual([
      401, 401, 200,
    ]);
    await guarded.remove();
  });

  it('models are listed in OpenAI’s shape, and found by ids with slashes', async () => {
    const { data } = await proxy.get<{ data: { id: string; object: string }[] }>('/v1/models');
    expect(data.map(({ object }) => object)).toEqual(data.map(() => 'model'));
    const [first] = data;
    expect(await proxy.get(`/v1/models/${first?.id}`)).toEqual(first);
    expect(await proxy.get(`/v1/models/${encodeURIComponent(first?.id ?? '')}`)).toEqual(first);
    expect(await proxy.get('/v1/models/a/b/c')).toMatchObject({ error: { code: 'model_not_found' } });
  });
});
