import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { LeanExpressAdapter } from '../../../src/http/lean-express-adapter.js';

interface Express {
  request: object;
  response: object;
  use(handle: (request: Request, response: Response) => void): void;
}

/** What `ask` makes of the server's URL while it listens. */
async function whileListening<T>(server: Server, ask: (url: string) => Promise<T>): Promise<T> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function seenByServer(express: Express, server: Server): Promise<{ born: [object, object]; text: string }> {
  const born: object[] = [];
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    born.push(Object.getPrototypeOf(request) as object, Object.getPrototypeOf(response) as object);
  });
  express.use(
    (request, response) => void response.status(201).json({ host: request.get('host'), app: request.app === (express as unknown) }),
  );
  const text = await whileListening(server, async (url) => {
    const answer = await fetch(url);
    return `${answer.status} ${await answer.text()}`;
  });
  return { born: born as [object, object], text };
}

/** What a client gets from an adapter that replies so. */
async function answerOf(adapter: ExpressAdapter, { method, type, body, status }: Reply): Promise<object> {
  adapter.initHttpServer({ bodyParser: false });
  const server = adapter.getHttpServer() as Server;
  adapter.getInstance<Express & { disable(name: string): void }>().disable('etag');
  adapter.getInstance<Express>().use((_request, response) => {
    if (type !== undefined) response.setHeader('content-type', type);
    adapter.reply(response, body, status);
  });
  return whileListening(server, async (url) => {
    const answer = await fetch(url, { method });
    const { date: _date, ...headers } = Object.fromEntries(answer.headers);
    return { status: answer.status, headers, text: await answer.text() };
  });
}

interface Reply {
  method: string;
  type?: string;
  body: unknown;
  status?: number;
}
const JSON_TYPE = 'application/json; charset=utf-8';

describe('the lean Express adapter', () => {
  it('makes requests and responses with the prototypes that Express would give them, so that it changes none', async () => {
    const adapter = new LeanExpressAdapter();
    adapter.initHttpServer();
    const express = adapter.getInstance<Express>();
    const { born, text } = await seenByServer(express, adapter.getHttpServer());
    expect(born[0]).toBe(express.request);
    expect(born[1]).toBe(express.response);
    expect(text).toMatch(/^201 \{"host":"127\.0\.0\.1:\d+","app":true\}$/);
  });

  it('leaves the prototypes of other servers in the process as they are', () => {
    const one = new LeanExpressAdapter();
    const other = new LeanExpressAdapter();
    for (const adapter of [one, other]) adapter.initHttpServer();
    expect(one.getInstance<Express>().request).not.toBe(other.getInstance<Express>().request);
    expect(Object.hasOwn(Object.getPrototypeOf(one.getInstance<Express>().request) as object, 'app')).toBe(true);
  });

  it.each<Reply>([
    { method: 'POST', type: JSON_TYPE, body: '{"text":"ä and \u{1f600}"}', status: 200 },
    { method: 'POST', type: JSON_TYPE, body: '{"status":"as it was"}' },
    { method: 'POST', type: JSON_TYPE, body: '', status: 201 },
    { method: 'GET', type: 'text/plain; version=0.0.4; charset=utf-8', body: 'a 1\n', status: 200 },
    { method: 'GET', type: 'text/plain', body: 'without a charset', status: 200 },
    { method: 'GET', body: 'without a type', status: 200 },
    { method: 'HEAD', type: JSON_TYPE, body: '{"not":"sent"}', status: 200 },
    { method: 'POST', type: JSON_TYPE, body: { an: 'object' }, status: 400 },
    { method: 'POST', body: undefined, status: 200 },
  ])("replies as Nest's own does: %j", async (reply) => {
    expect(await answerOf(new LeanExpressAdapter(), reply)).toEqual(await answerOf(new ExpressAdapter(), reply));
  });
});
