import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { StableShapeExpressAdapter } from '../../../src/http/stable-shape-express-adapter.js';

interface Express {
  request: object;
  response: object;
  use(handle: (request: Request, response: Response) => void): void;
}

async function seenByServer(express: Express, server: Server): Promise<{ born: [object, object]; text: string }> {
  const born: object[] = [];
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    born.push(Object.getPrototypeOf(request) as object, Object.getPrototypeOf(response) as object);
  });
  express.use(
    (request, response) => void response.status(201).json({ host: request.get('host'), app: request.app === (express as unknown) }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { born: born as [object, object], text: `${answer.status} ${await answer.text()}` };
}

describe('the Express adapter of stable shapes', () => {
  it('makes requests and responses with the prototypes that Express would give them, so that it changes none', async () => {
    const adapter = new StableShapeExpressAdapter();
    adapter.initHttpServer();
    const express = adapter.getInstance<Express>();
    const { born, text } = await seenByServer(express, adapter.getHttpServer());
    expect(born[0]).toBe(express.request);
    expect(born[1]).toBe(express.response);
    expect(text).toMatch(/^201 \{"host":"127\.0\.0\.1:\d+","app":true\}$/);
  });

  it('leaves the prototypes of other servers in the process as they are', () => {
    const one = new StableShapeExpressAdapter();
    const other = new StableShapeExpressAdapter();
    for (const adapter of [one, other]) adapter.initHttpServer();
    expect(one.getInstance<Express>().request).not.toBe(other.getInstance<Express>().request);
    expect(Object.hasOwn(Object.getPrototypeOf(one.getInstance<Express>().request) as object, 'app')).toBe(true);
  });
});
