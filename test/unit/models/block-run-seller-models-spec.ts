import { afterEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { closed, type LoopbackServer, send, sendJson, serveOnLoopback } from '../../../sandbox/loopback-server.js';
import { BlockRunSellerModels, modelsUrlOf } from '../../../src/models/block-run.seller-models.js';

const never = new AbortController().signal;

describe('the list of models at the seller', () => {
  let server: LoopbackServer | undefined;
  afterEach(() => server?.stop());

  const askOf = async (handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>, signal = never) => {
    server = await serveOnLoopback(async (request, response) => handle(request, response));
    return new BlockRunSellerModels(new URL(`${server.url}/api/v1/models`)).list(signal);
  };

  it('is the body of a 200, asked for with no header of anybody’s', async () => {
    let asked: IncomingMessage | undefined;
    const answer = await askOf((request, response) => {
      asked = request;
      sendJson(response, 200, { data: [] });
    });
    expect(answer).toEqual({ kind: 'list', text: '{"data":[]}' });
    expect([asked?.method, asked?.url]).toEqual(['GET', '/api/v1/models']);
    expect(Object.keys(asked?.headers ?? {}).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  });

  it.each([
    ['1780000000000', new Date(1780000000000)],
    ['soon', undefined],
    [undefined, undefined],
  ])('asked for too often may be asked for again at %s', async (reset, until) => {
    const answer = await askOf((_, response) =>
      sendJson(response, 429, { error: 'Rate limit exceeded' }, reset === undefined ? {} : { 'X-RateLimit-Reset': reset }),
    );
    expect(answer).toEqual({ kind: 'limited', until });
  });

  it('elsewhere is not followed, and other answers are failures', async () => {
    expect(await askOf((_, response) => send(response, 302, '', { location: 'http://127.0.0.1:9/' }))).toEqual({
      kind: 'failed',
      reason: 'the seller answered 302',
    });
  });

  it('without an end is not read for ever', async () => {
    const answer = await askOf(async (_, response) => {
      const part = 'x'.repeat(256 * 1024);
      while (!response.destroyed)
        if (!response.write(part)) await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed(response)]);
    });
    expect(answer).toMatchObject({ kind: 'failed' });
  });

  it('is given up when the proxy stops', async () => {
    const stopping = new AbortController();
    const answer = askOf(async (_, response) => {
      stopping.abort();
      await closed(response);
    }, stopping.signal);
    expect(await answer).toMatchObject({ kind: 'failed' });
  });

  it('of nobody is a failure', async () => {
    const answer = await new BlockRunSellerModels(new URL('http://127.0.0.1:9/api/v1/models')).list(never);
    expect(answer).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    ['https://blockrun.ai/api/v1/chat/completions', 'https://blockrun.ai/api/v1/models'],
    ['http://127.0.0.1:9/v1/chat/completions/?x=1', 'http://127.0.0.1:9/v1/models'],
    ['https://blockrun.ai/api/v1/chat', undefined],
  ])('is for %s at %s', (chatUrl, url) => {
    expect(modelsUrlOf(new URL(chatUrl))?.href).toBe(url);
  });
});
