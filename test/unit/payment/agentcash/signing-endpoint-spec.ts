import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SigningEndpoint } from '../../../../src/payment/agentcash/signing-endpoint.js';
import { offer, OTHER_PAYEE, PAYEE, TEST_PAYER } from '../../../support/offers.js';

const AUTHORIZATION = { from: TEST_PAYER, to: PAYEE, value: '1000', validAfter: '0', validBefore: '1', nonce: '0x00' };
const PAYLOAD = { signature: '0x1234', authorization: AUTHORIZATION };
const header = (payload: unknown) =>
  Buffer.from(JSON.stringify({ x402Version: 2, payload, accepted: { payTo: OTHER_PAYEE } })).toString('base64');

describe('the address at which AgentCash signs', () => {
  let endpoint: SigningEndpoint;
  beforeEach(() => {
    endpoint = new SigningEndpoint();
  });
  afterEach(() => endpoint.stop());

  const pay = (url: string, value = header(PAYLOAD)) => fetch(url, { headers: { 'payment-signature': value } });

  it('tells its price once, and takes one payment, whose payload is all that is kept', async () => {
    const path = await endpoint.offer(offer(), {});
    expect(path.isAsked()).toBe(false);
    const asked = await fetch(path.url);
    expect([asked.status, await asked.text(), path.isAsked(), path.isCaught()]).toEqual([402, '', true, false]);
    expect((await fetch(path.url)).status).toBe(404);
    expect((await pay(path.url)).status).toBe(200);
    expect([await path.caught, path.isCaught()]).toEqual([PAYLOAD, true]);
    expect((await pay(path.url)).status).toBe(404);
    expect((await fetch(path.url)).status).toBe(404);
  });

  it('has nothing on any other path', async () => {
    const { url } = await endpoint.offer(offer(), {});
    for (const other of ['/', '/favicon.ico', '/health', `/${'0'.repeat(64)}`, `${new URL(url).pathname}/`, `${new URL(url).pathname}?x`])
      expect([other, (await pay(new URL(other, url).href)).status]).toEqual([other, 404]);
  });

  it('has nothing on a path that was closed, and what is sent there is not kept', async () => {
    const path = await endpoint.offer(offer(), {});
    path.close();
    path.close();
    expect((await fetch(path.url)).status).toBe(404);
    expect((await pay(path.url)).status).toBe(404);
    expect(path.isCaught()).toBe(false);
  });

  it.each(['', '!', 'bnVsbA==', 'W10='])('takes the header %j for no payload', async (value) => {
    const path = await endpoint.offer(offer(), {});
    await pay(path.url, value);
    expect(await path.caught).toBeUndefined();
  });

  it('listens on loopback only, refuses headers without an end, and is gone after a stop', async () => {
    const { url } = await endpoint.offer(offer(), {});
    const { hostname, port } = new URL(url);
    expect(hostname).toBe('127.0.0.1');
    const tooLong = await fetch(url, { headers: { 'payment-signature': 'x'.repeat(20_000) } });
    expect(tooLong.status).toBe(431);
    await endpoint.stop();
    const [error] = (await once(connect(Number(port), '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
