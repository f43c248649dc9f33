import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { parseUsd } from '../../src/money/micro-usd.js';
import { linesOf, verifyChain } from '../support/audit-chain.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { chatBody } from './proxy.js';
import { until } from '../support/until.js';
import { ProxyProcess } from './proxy-process.js';

describe('a proxy whose ledger is on a server', () => {
  let world: World;
  let server: PostgresServer;
  let directory: string;
  let proxy: ProxyProcess;
  let url: string;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    server = await PostgresServer.start();
    directory = mkdtempSync(join(tmpdir(), 'server-lost-'));
    proxy = new ProxyProcess(directory, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
      BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
      BLOCKRUN_LEDGER_URL: await server.database(),
      BLOCKRUN_MACHINE: 'alpha',
    });
    url = await proxy.listening();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterAll(async () => {
    proxy.kill('SIGKILL');
    await proxy.ended();
    await world.stop();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const post = (fields: Record<string, unknown> = {}) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chatBody(fields)),
    });
  const budget = async () => (await (await fetch(`${url}/v1/budget`)).json()) as Record<string, string>;

  it('books what it had paid once the server is back, and pays nothing while it is gone', async () => {
    const x_sandbox = { pauseAfterTokens: 1 };
    const paid = post({ stream: true, x_sandbox }).then((answer) => answer.text());
    await until(() => world.seller.paidSends === 1, 'the payment to leave');
    await server.pause();
    world.seller.resume();
    await paid.catch(() => undefined);
    await world.seller.idle();
    expect(world.seller.settlements).toHaveLength(1);

    const refused = await post();
    expect(refused.status).toBe(503);
    expect(((await refused.json()) as { error: { code: string } }).error.code).toBe('ledger_unavailable');
    expect((await fetch(`${url}/health`)).status).toBe(503);
    expect(world.seller.paidSends).toBe(1);

    await server.resume();
    await until(async () => parseUsd((await budget().catch(() => ({ spentUsd: '' }))).spentUsd ?? '') === price, 'the booking', {
      withinMs: 60_000,
    });
    expect(await budget()).toMatchObject({ heldUsd: '0.000000', unresolvedUsd: '0.000000' });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const again = await post();
    expect(again.status).toBe(200);
    await again.text();
    await world.seller.idle();
    expect(world.seller.settlements).toHaveLength(2);
    verifyChain(linesOf(readFileSync(join(directory, 'audit.jsonl'), 'utf8')));
  });
});
