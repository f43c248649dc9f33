import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { chatBody, MODEL } from './proxy.js';
import { until } from '../support/until.js';
import { ProxyProcess } from './proxy-process.js';

const SANDBOX = fileURLToPath(new URL('../../dist/sandbox/main.js', import.meta.url));

describe('the proxy as a process', () => {
  let world: World;
  let directory: string;
  let price: bigint;
  const started: ProxyProcess[] = [];

  beforeAll(async () => {
    world = await startWorld();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'proxy-process-'));
  });
  afterEach(async () => {
    world.seller.resume();
    for (const proxy of started.splice(0)) {
      proxy.kill('SIGKILL');
      await proxy.ended();
    }
    rmSync(directory, { recursive: true, force: true });
  });
  afterAll(() => world.stop());

  const file = (name: string) => join(directory, name);
  const start = (environment: Record<string, string> = {}) => {
    const proxy = new ProxyProcess(directory, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_LEDGER_FILE: file('ledger.json'),
      BLOCKRUN_AUDIT_LOG: file('audit.jsonl'),
      ...environment,
    });
    started.push(proxy);
    return proxy;
  };
  const post = (url: string, fields: Record<string, unknown> = {}) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chatBody(fields)),
    });
  const budget = async (url: string) => (await (await fetch(`${url}/v1/budget`)).json()) as Record<string, string>;
  const refusal = async (environment: Record<string, string> = {}) => {
    const proxy = start(environment);
    expect(await proxy.ended()).toBe(1);
    return proxy.errors;
  };

  it('tells every problem of its configuration at once, and does not start', async () => {
    const errors = await refusal({
      PORT: 'eighty',
      BLOCKRUN_DAILY_BUDGET_USD: '-1',
      BLOCKRUN_CHAT_URL: 'http://blockrun.ai/x',
      HOST: '0.0.0.0',
      BLOCKRUN_PAYER: 'bank',
    });
    for (const variable of ['PORT', 'BLOCKRUN_DAILY_BUDGET_USD', 'BLOCKRUN_CHAT_URL', 'BLOCKRUN_PROXY_TOKEN', 'BLOCKRUN_PAYER']) {
      expect(errors).toContain(variable);
    }
    expect(existsSync(file('ledger.sqlite'))).toBe(false);
  });

  it('does not start without a wallet, with one that others can read, or with one that is not one; the key is never shown', async () => {
    const wallet = { X402_PRIVATE_KEY: '', BLOCKRUN_WALLET_FILE: file('wallet.json') };
    expect(await refusal(wallet)).toMatch(/wallet\.json cannot be used: there is no such file.*AgentCash/);
    writeFileSync(file('wallet.json'), JSON.stringify({ privateKey: world.wallet.privateKey }));
    chmodSync(file('wallet.json'), 0o644);
    expect(await refusal(wallet)).toContain('chmod 600');
    writeFileSync(file('wallet.json'), `{"privateKey": "${world.wallet.privateKey}", }`);
    chmodSync(file('wallet.json'), 0o600);
    const errors = await refusal(wallet);
    expect(errors).toContain('not an AgentCash wallet');
    expect(errors).not.toContain(world.wallet.privateKey.slice(2, 12));
  });

  it('pays from the AgentCash wallet file', async () => {
    writeFileSync(file('wallet.json'), JSON.stringify({ privateKey: world.wallet.privateKey, address: world.wallet.address }), {
      mode: 0o600,
    });
    const url = await start({ X402_PRIVATE_KEY: '', BLOCKRUN_WALLET_FILE: file('wallet.json') }).listening();
    expect((await post(url)).status).toBe(200);
  });

  it('does not start on a ledger, an audit or a summary that it cannot read', async () => {
    writeFileSync(file('ledger.sqlite'), 'this is no database, and long enough to be looked at as one'.repeat(20), { mode: 0o600 });
    expect(await refusal()).toMatch(/ledger .*ledger\.sqlite cannot be used/);
    rmSync(file('ledger.sqlite'));
    mkdirSync(file('folder'), { mode: 0o700 });
    expect(await refusal({ BLOCKRUN_AUDIT_LOG: file('folder') })).toMatch(/audit .* cannot be opened/);
    rmSync(file('ledger.sqlite'));
    writeFileSync(file('ledger.json'), '{"2026-06-06":{"spentUsd":"a lot"}}', { mode: 0o600 });
    expect(await refusal()).toMatch(/ledger\.json cannot be taken over/);
  });

  it('takes the day over from a ledger.json of the original', async () => {
    const today = new Date().toISOString().slice(0, 10);
    writeFileSync(
      file('ledger.json'),
      JSON.stringify({ '2026-06-06': { spentUsd: 0.0026, calls: 1 }, [today]: { spentUsd: 0.9, calls: 40 } }),
      { mode: 0o600 },
    );
    const url = await start().listening();
    expect(await budget(url)).toMatchObject({ spentUsd: '0.900000', remainingUsd: '0.100000', calls: 40 });
    await post(url);
    await until(() => readFileSync(file('ledger.json'), 'utf8').includes('41'), 'ledger.json to follow');
    const summary = JSON.parse(readFileSync(file('ledger.json'), 'utf8')) as Record<string, { spentUsd: number }>;
    expect(summary).toMatchObject({
      '2026-06-06': { spentUsd: 0.0026, calls: 1 },
      [today]: { spentUsd: (900_000 + Number(price)) / 1e6, calls: 41 },
    });
  });

  it('keeps its files to itself', async () => {
    await post(await start({ BLOCKRUN_LEDGER_FILE: file('state/ledger.json'), BLOCKRUN_AUDIT_LOG: file('state/audit.jsonl') }).listening());
    await until(() => existsSync(file('state/ledger.json')), 'ledger.json');
    expect(statSync(file('state')).mode & 0o777).toBe(0o700);
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.json', 'audit.jsonl'])
      expect(statSync(file(`state/${name}`)).mode & 0o777).toBe(0o600);
  });

  it('killed with a payment in flight counts it on after the restart', async () => {
    const first = start();
    const sends = world.seller.paidSends;
    const url = await first.listening();
    const lost = post(url, { x_sandbox: { pauseAfterTokens: 1 } }).catch(() => 'lost');
    await until(() => world.seller.paidSends > sends, 'the payment to be sent');
    first.kill('SIGKILL');
    expect(await lost).toBe('lost');
    const held = (Number(price) / 1e6).toFixed(6);
    expect(await budget(await start().listening())).toMatchObject({ spentUsd: '0.000000', heldUsd: held });
    expect(readFileSync(file('audit.jsonl'), 'utf8')).toContain('"event":"payment_signed"');
  });

  it('on SIGTERM lets a running stream end, books it, and stops', async () => {
    const proxy = start();
    const url = await proxy.listening();
    const sends = world.seller.paidSends;
    const running = post(url, { stream: true, x_sandbox: { tokens: 5, pauseAfterTokens: 2 } }).then((response) => response.text());
    await until(() => world.seller.paidSends > sends, 'the payment to be sent');
    proxy.kill('SIGTERM');
    await until(
      () =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      'new connections to be refused',
    );
    const ticker = setInterval(() => world.seller.resume(), 20);
    expect(await running).toContain('data: [DONE]');
    expect(await proxy.ended()).toBe('SIGTERM');
    clearInterval(ticker);
    const lines = readFileSync(file('audit.jsonl'), 'utf8');
    expect(lines).toContain('"state":"settled"');
    const summary = Object.values(JSON.parse(readFileSync(file('ledger.json'), 'utf8')) as Record<string, { spentUsd: number }>);
    expect(summary).toMatchObject([{ spentUsd: Number(price) / 1e6, calls: 1 }]);
  });

  it('stops paying, and says so under /health, when its audit was cut', async () => {
    const url = await start().listening();
    expect((await post(url)).status).toBe(200);
    truncateSync(file('audit.jsonl'), 10);
    const sends = world.seller.paidSends;
    const answer = await post(url);
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'audit_unavailable' } }]);
    expect(world.seller.paidSends).toBe(sends);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { ok: false, reasons: [expect.stringContaining('shorter')] }]);
  });

  it.each(['60000', '0'])(
    'in a dry run answers whole without a seller, and says so in the audit (answers kept for %s ms)',
    async (window) => {
      const url = await start({
        BLOCKRUN_DRY_RUN: '1',
        BLOCKRUN_REPLAY_WINDOW_MS: window,
        X402_PRIVATE_KEY: '',
        BLOCKRUN_CHAT_URL: 'http://127.0.0.1:9/',
      }).listening();
      const whole = (await (await post(url)).json()) as { choices: { message: { content: string } }[] };
      expect(whole.choices[0]?.message.content).toContain('dry run');
      expect(await (await post(url, { stream: true })).text()).toMatch(/dry [\s\S]*data: \[DONE\]/);
      expect(await budget(url)).toMatchObject({ spentUsd: '0.000000', heldUsd: '0.000000', calls: 2 });
      const lines = readFileSync(file('audit.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(lines).toMatchObject([
        { event: 'chat_completion', model: MODEL, dryRun: true, streamed: false, bookedCostUsd: 0 },
        { event: 'chat_completion', model: MODEL, dryRun: true, streamed: true, bookedCostUsd: 0 },
      ]);
    },
  );

  it.each([
    ['with the chain', []],
    ['without a chain', ['--no-chain']],
  ])(
    'in the sandbox, %s, shows books that agree',
    (_how, options: string[]) => {
      const { status, stdout } = spawnSync(process.execPath, [SANDBOX, '--once', ...options], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect(stdout).toMatch(/agree to the micro-dollar/);
      expect(status).toBe(0);
    },
    60_000,
  );
});
