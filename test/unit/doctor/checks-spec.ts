import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { send, sendJson, serveOnLoopback } from '../../../sandbox/loopback-server.js';
import { nodeCheck } from '../../../src/doctor/node.check.js';
import { portCheck } from '../../../src/doctor/port.check.js';
import { serviceCheck } from '../../../src/doctor/service.check.js';

const { signal } = new AbortController();

describe('the check of Node', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['24.0.0', 'ok'],
    ['20.18.9', 'fail'],
    ['18.20.8', 'fail'],
  ])('finds %s %s', async (version, status) => {
    expect(await nodeCheck(version).run(signal)).toMatchObject({ status });
  });

  it('asks for the version that the package asks for', async () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
    const oldest = engines.node.replace('>=', '');
    expect(await nodeCheck(`${oldest}.0`).run(signal)).toMatchObject({ status: 'ok' });
    expect(await nodeCheck('1.0.0').run(signal)).toMatchObject({ next: expect.stringContaining(oldest) as unknown });
  });
});

describe('the check of the port', () => {
  const check = (port: number, host = '127.0.0.1') => portCheck({ host, port }).run(signal);
  const portOf = (url: string) => Number(new URL(url).port);

  it('finds a port on which nobody listens free, also where the proxy is to listen everywhere', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await check(port)).toEqual({ status: 'ok', says: `127.0.0.1:${port} is free: no proxy runs there now` });
    expect(await check(port, '0.0.0.0')).toMatchObject({ says: expect.stringContaining(`127.0.0.1:${port} is free`) as unknown });
    expect(await check(port, '::1')).toMatchObject({ says: expect.stringContaining(`[::1]:${port}`) as unknown });
    expect(await check(0)).toMatchObject({ status: 'ok' });
  });

  it.each(['nonsense\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'])(
    'tells another program that answers %j',
    async (answer) => {
      const server = createServer((socket) => void socket.end(answer)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const found = await check((server.address() as AddressInfo).port);
      server.close();
      expect(found).toMatchObject({ status: 'fail', says: expect.stringContaining('is taken by') as unknown });
    },
  );

  it('tells a proxy that is well from one that pays nothing, with its reasons', async () => {
    let status = 200;
    const reasons = ['the disk is full'];
    const server = await serveOnLoopback((_request, response) => {
      const named = { 'x-blockrun-proxy-request-id': 'req_1' };
      return Promise.resolve(sendJson(response, status, { ok: status === 200, reasons }, named));
    });
    expect(await check(portOf(server.url))).toMatchObject({ status: 'ok', says: expect.stringContaining('is well') as unknown });
    status = 503;
    expect(await check(portOf(server.url))).toMatchObject({ status: 'fail', says: expect.stringContaining('the disk is full') as unknown });
    await server.stop();
  });

  it('does not take an answer without end for one', async () => {
    const server = await serveOnLoopback((_request, response) =>
      Promise.resolve(send(response, 503, 'x'.repeat(100_000), { 'x-blockrun-proxy-request-id': 'req_1' })),
    );
    expect(await check(portOf(server.url))).toMatchObject({ status: 'fail', says: expect.stringContaining('longer than') as unknown });
    await server.stop();
  });
});

describe('the check of the service', () => {
  const whenSystemdSays = async (user: Record<string, string>) =>
    serviceCheck((scope) => Promise.resolve(new Map(Object.entries(scope === 'user' ? user : {})))).run(signal);

  it.each([
    [{}, 'ok', 'not installed'],
    [{ LoadState: 'not-found', ActiveState: 'inactive' }, 'ok', 'not installed'],
    [{ LoadState: 'loaded', ActiveState: 'active', UnitFileState: 'enabled', StatusText: '$0.02 of $1.00 spent' }, 'ok', '$0.02 of $1.00'],
    [{ LoadState: 'loaded', ActiveState: 'active', UnitFileState: 'disabled' }, 'warn', 'not started with the machine'],
    [{ LoadState: 'loaded', ActiveState: 'inactive' }, 'warn', 'is inactive'],
    [{ LoadState: 'loaded', ActiveState: 'failed', SubState: 'failed' }, 'fail', 'has failed'],
  ])('where systemd says %j is %s', async (facts, status, says) => {
    expect(await whenSystemdSays(facts)).toMatchObject({ status, says: expect.stringContaining(says) as unknown });
  });
});
