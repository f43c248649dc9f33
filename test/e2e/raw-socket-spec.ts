import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { rawExchange, rawSocket, statusOf } from '../support/raw-client.js';
import { until } from '../support/until.js';
import { chatBody, ProxyUnderTest } from './proxy.js';

const JSON_TYPE = 'Content-Type: application/json';
const PATH = '/v1/chat/completions';
/** Stand for the length of the body, and for the body in one chunk. */
const LENGTH = 'Content-Length: {length}';
const CHUNKS = '{length16}\r\n{body}\r\n0\r\n\r\n';

/** A request that would be paid for, but for what is replaced in it; no two are the same. */
function post(parts: { line?: string; host?: string; headers?: string[]; body?: string; end?: string } = {}): string {
  const { line = `POST ${PATH} HTTP/1.1`, host = 'Host: localhost', headers = [LENGTH], body = '{body}', end = '\r\n' } = parts;
  const text = JSON.stringify(chatBody());
  return [line, ...(host === '' ? [] : [host]), JSON_TYPE, ...headers, '', body]
    .join(end)
    .replaceAll('{body}', text)
    .replaceAll('{length}', String(text.length))
    .replaceAll('{length16}', text.length.toString(16));
}
const target = (path: string) => post({ line: `POST ${path} HTTP/1.1` });

const REFUSED: [what: string, bytes: string][] = [
  ['a length and chunks', post({ headers: [LENGTH, 'Transfer-Encoding: chunked'], body: CHUNKS })],
  ['chunks and a length', post({ headers: ['Transfer-Encoding: chunked', LENGTH], body: CHUNKS })],
  ['two lengths', post({ headers: [LENGTH, 'Content-Length: 5'] })],
  ['the same length twice', post({ headers: [LENGTH, LENGTH] })],
  ['a list of lengths', post({ headers: [`${LENGTH}, {length}`] })],
  ['a length with a sign', post({ headers: ['Content-Length: +{length}'] })],
  ['a negative length', post({ headers: ['Content-Length: -1'] })],
  ['a length in hexadecimal digits', post({ headers: ['Content-Length: 0x{length16}'] })],
  ['a length larger than any number', post({ headers: [`Content-Length: ${'9'.repeat(30)}`] })],
  ['a transfer that is not known', post({ headers: ['Transfer-Encoding: xchunked'], body: CHUNKS })],
  ['a transfer that is chunked first', post({ headers: ['Transfer-Encoding: chunked, identity'], body: CHUNKS })],
  ['a space before the colon', post({ headers: ['Transfer-Encoding : chunked'], body: CHUNKS })],
  ['a folded header', post({ headers: [LENGTH, 'X-A: b\r\n c'] })],
  ['lines that end in a line feed alone', post({ end: '\n' })],
  ['lines that end in a carriage return alone', post({ end: '\r' })],
  ['a null in a header', post({ headers: [LENGTH, 'X-A: \u0000'] })],
  ['a header without a name', post({ headers: [LENGTH, ': b'] })],
  ['a chunk size that is no number', post({ headers: ['Transfer-Encoding: chunked'], body: '0x5\r\n{body}\r\n0\r\n\r\n' })],
  ['a chunk extension without an end', post({ headers: ['Transfer-Encoding: chunked'], body: `5;${'a'.repeat(40_000)}` })],
  ['headers of 64 KiB', post({ headers: [LENGTH, `X-A: ${'a'.repeat(65_536)}`] })],
  [
    'an origin behind two thousand headers',
    post({ headers: [LENGTH, ...Array.from({ length: 2100 }, () => 'a:b'), 'Origin: http://evil.example'] }),
  ],
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['HTTP of before the headers', `POST ${PATH}\r\n`],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a version of the future', post({ line: `POST ${PATH} HTTP/3.0` })],
  ['a method that is not known', post({ line: `PAY ${PATH} HTTP/1.1` })],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000'],
  ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a change to WebSocket', post({ line: `GET ${PATH} HTTP/1.1`, headers: ['Connection: Upgrade', 'Upgrade: websocket'], body: '' })],
  ['no Host', post({ host: '' })],
  ['no Host in HTTP/1.0', post({ line: `POST ${PATH} HTTP/1.0`, host: '' })],
  ['two Hosts', post({ host: 'Host: localhost\r\nHost: evil.example' })],
  ['two Hosts, ours last', post({ host: 'Host: evil.example\r\nHost: localhost' })],
  ['a Host behind a dot', post({ host: 'Host: localhost.' })],
  ['a Host that begins like ours', post({ host: 'Host: localhost.evil.example' })],
  ['a Host with a user', post({ host: 'Host: localhost@evil.example' })],
  ['a target with another host', target(`http://evil.example${PATH}`)],
  ['a target with our host', target(`http://localhost${PATH}`)],
  ['a target without a scheme', target(`//evil.example${PATH}`)],
  ['two slashes', target(`/${PATH}`)],
  ['a slash behind', target(`${PATH}/`)],
  ['other capitals', target('/V1/Chat/Completions')],
  ['an escaped letter', target('/v1/chat/%63ompletions')],
  ['an escaped dot', target('/%2e/v1/chat/completions')],
  ['dots', target('/v1/models/../chat/completions')],
  ['a slash within', target('/v1//chat/completions')],
  ['a backslash', target('/v1\\chat\\completions')],
  ['a null behind', target(`${PATH}%00`)],
  ['a parameter behind', target(`${PATH};a=b`)],
  [
    'a preflight',
    `OPTIONS ${PATH} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Private-Network: true\r\n\r\n`,
  ],
  ['a page’s form', post({ headers: [LENGTH, 'Origin: http://evil.example', 'Sec-Fetch-Site: cross-site'] })],
  ['two content types', post({ headers: [LENGTH] }).replace(JSON_TYPE, `Content-Type: text/plain\r\n${JSON_TYPE}`)],
];

describe('raw bytes', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let server: Server;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
    server = proxy.app.getHttpServer();
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  it('are given so much time and so many connections, and no more', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections }).toEqual({
      headersTimeout: 15_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 75_000,
      timeout: 1_860_000,
      maxConnections: 1024,
    });
  });

  it('in good order are answered and paid', async () => {
    const answers = [
      rawExchange(proxy.url, post()),
      rawExchange(proxy.url, post({ headers: ['Transfer-Encoding: chunked'], body: CHUNKS })),
    ];
    expect((await Promise.all(answers)).map(statusOf)).toEqual([200, 200]);
    expect(world.seller.asked).toBeGreaterThan(0);
  });

  describe('in bad order', () => {
    const answers = new Map<string, string>();
    let asked: number;

    // All at once: some of them are answered only when their time is over.
    beforeAll(async () => {
      asked = world.seller.asked;
      Object.assign(server, { headersTimeout: 500, requestTimeout: 1000 });
      await Promise.all(REFUSED.map(async ([what, bytes]) => answers.set(what, await rawExchange(proxy.url, bytes))));
      Object.assign(server, { headersTimeout: 15_000, requestTimeout: 60_000 });
    });

    it.each(REFUSED.map(([what]) => what))('with %s are refused', (what) => {
      const answer = answers.get(what) ?? '';
      expect([undefined, 400, 403, 404, 405, 408, 413, 415, 431, 505]).toContain(statusOf(answer));
      expect(answer.toLowerCase()).not.toContain('access-control');
    });

    it('reach nobody', () => {
      expect(world.seller.asked).toBe(asked);
    });
  });

  it('behind a request are a request of their own, with its own Host', async () => {
    const before = world.seller.asked;
    const answer = await rawExchange(
      proxy.url,
      `${post({ headers: ['Content-Length: 0'], body: '' })}${post({ host: 'Host: evil.example' })}`,
    );
    expect(statusOf(answer)).toBe(400);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(world.seller.asked).toBe(before);
  });

  it('that do not come, or come by one now and then, are waited for in vain, and nobody else waits', async () => {
    Object.assign(server, { headersTimeout: 500, requestTimeout: 1000 });
    const open = new Set(Array.from({ length: 250 }, () => rawSocket(proxy.url)));
    for (const socket of open) socket.once('close', () => open.delete(socket));
    const slow = [...open].slice(200);
    for (const [at, socket] of slow.entries())
      socket.write(at % 2 === 0 ? `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\n` : post({ body: '{' }));
    const drip = setInterval(() => slow.forEach((socket, at) => socket.write(at % 2 === 0 ? 'X-A: b\r\n' : ' ')), 100);
    expect((await proxy.chat()).status).toBe(200);
    await until(() => open.size === 0, 'every idle and slow connection to be dropped');
    clearInterval(drip);
    expect((await proxy.chat()).status).toBe(200);
  });

  it('over more connections than there may be find none, and those that are there go on', async () => {
    Object.assign(server, { headersTimeout: 15_000, requestTimeout: 60_000 });
    await proxy.chat();
    server.maxConnections = 20;
    const sockets = Array.from({ length: 40 }, () => rawSocket(proxy.url));
    let refused = 0;
    for (const socket of sockets) socket.once('close', () => (refused += 1));
    await until(() => refused >= 20, 'the connections above the limit to be refused');
    server.maxConnections = 1024;
    expect((await proxy.chat()).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});
