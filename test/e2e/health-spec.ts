import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { SpendingControl } from '../../src/ledger/spending-control.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { chatBody, ProxyUnderTest } from './proxy.js';

describe('health', () => {
  let world: World;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    const price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    proxy = await ProxyUnderTest.start({
      world,
      environment: { BLOCKRUN_DAILY_BUDGET_USD: formatUsd(price), BLOCKRUN_PROXY_TOKEN: 'a-token-of-some-length' },
    });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  const ask = async (path: string) => {
    const answer = await fetch(`${proxy.url}/health${path}`);
    return { status: answer.status, body: (await answer.json()) as object };
  };
  const control = () => proxy.app.get(SpendingControl, { strict: false });

  it('is as the original told it, with the state beside, and open without the token', async () => {
    expect(await ask('')).toEqual({ status: 200, body: { ok: true, status: 'ok', state: 'ready', dryRun: false, reasons: [] } });
  });

  it('is told to probes: alive, and ready with every check', async () => {
    expect(await ask('/live')).toEqual({ status: 200, body: { status: 'ok' } });
    const details = { spending: { status: 'up' }, ledger: { status: 'up' }, audit: { status: 'up' } };
    expect(await ask('/ready')).toMatchObject({ status: 200, body: { status: 'ok', details } });
  });

  it('with spending stopped is alive and not ready, with the reason', async () => {
    await control().stop('a look at the books');
    expect(await ask('')).toMatchObject({ status: 503, body: { ok: false, status: 'failing', state: 'stopped' } });
    expect(await ask('/live')).toMatchObject({ status: 200 });
    expect(await ask('/ready')).toMatchObject({
      status: 503,
      body: {
        status: 'error',
        error: { spending: { status: 'down', code: 'spending_stopped', reason: expect.stringContaining('a look at the books') } },
      },
    });
    await control().resume('looked');
    expect(await ask('/ready')).toMatchObject({ status: 200 });
  });

  it('with the day used up is good, and says that the limit is reached', async () => {
    const headers = { authorization: 'Bearer a-token-of-some-length' };
    expect((await proxy.chat({}, { headers })).status).toBe(200);
    expect(await ask('')).toMatchObject({ status: 200, body: { ok: true, state: 'limit-reached', reasons: [] } });
    expect(await ask('/ready')).toMatchObject({ status: 200 });
  });

  it('is open to nothing else', async () => {
    expect((await fetch(`${proxy.url}/health/other`)).status).toBe(401);
    expect((await fetch(`${proxy.url}/health`, { method: 'POST' })).status).toBe(401);
  });
});
