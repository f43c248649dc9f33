import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { runProgram } from '../support/run-program.js';
import { chatBody } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

describe('the commands beside a running proxy', () => {
  let world: World;
  let directory: string;
  let environment: Record<string, string>;
  let proxy: ProxyProcess;
  let url: string;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    directory = mkdtempSync(join(tmpdir(), 'commands-'));
    environment = {
      BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
      BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
      BLOCKRUN_RPC_URL: world.chain?.rpcUrl ?? '',
    };
    proxy = new ProxyProcess(directory, {
      ...environment,
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
    });
    url = await proxy.listening();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    await post();
    await post();
  });
  afterAll(async () => {
    proxy.kill('SIGKILL');
    await proxy.ended();
    await world.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const post = async (fields: Record<string, unknown> = {}) => {
    const body = JSON.stringify(chatBody(fields));
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return { status: answer.status, text: await answer.text() };
  };
  /** Without a wallet: no command needs one. */
  const run = (words: string[], more: Record<string, string> = {}) =>
    runProgram(words, { directory, environment: { ...environment, ...more } });
  const json = async (words: string[]): Promise<Record<string, unknown>> => {
    const { code, output, errors } = await run([...words, '--json']);
    expect([code, errors]).toEqual([0, '']);
    return JSON.parse(output) as Record<string, unknown>;
  };
  const audit = () => readFileSync(join(directory, 'audit.jsonl'), 'utf8');

  it('budget shows what /v1/budget shows', async () => {
    const served = (await (await fetch(`${url}/v1/budget`)).json()) as object;
    expect(await json(['budget'])).toEqual({ ...served, raises: [], stops: [] });
    const { code, output } = await run(['budget']);
    expect(code).toBe(0);
    expect(output).toMatch(/cap +\$1\.00\n/);
  });

  it('budget reset gives the whole day back, and keeps what was spent on record', async () => {
    const reset = await json(['budget', 'reset', '--reason', 'again']);
    expect(reset).toMatchObject({ spentUsd: formatUsd(2n * price), remainingUsd: '1.000000', heldUsd: '0.000000' });
  });

  it('budget raise adds to the allowance that the proxy keeps, with its reason in the audit', async () => {
    expect(await json(['budget', 'raise', '0.25', '--reason', 'a long task'])).toMatchObject({ remainingUsd: '1.250000' });
    expect(await (await fetch(`${url}/v1/budget`)).json()).toMatchObject({ capUsd: formatUsd(1_250_000n + 2n * price) });
    expect(audit()).toContain('"event":"budget_raised"');
    expect(audit()).toContain('"reason":"a long task"');
  });

  it('pause stops the running proxy, which says why, and resume lets it go on', async () => {
    await json(['pause', '--reason', 'something is odd']);
    const { paidSends } = world.seller;
    const refused = await post();
    expect(refused.status).toBe(429);
    expect(refused.text).toContain('something is odd');
    expect(world.seller.paidSends).toBe(paidSends);
    expect((await fetch(`${url}/health`)).status).toBe(503);
    expect(await json(['resume', '--reason', 'it was not'])).toMatchObject({ stops: [] });
    expect((await post()).status).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('reconcile says that the books agree with the chain', async () => {
    const { comparison } = (await json(['reconcile'])) as { comparison: Record<string, unknown> };
    expect(comparison).toMatchObject({
      bookedUsd: formatUsd(3n * price),
      takenUsd: formatUsd(3n * price),
      notTaken: [],
      overruns: [],
      otherAmounts: [],
      foreign: [],
    });
    expect((await run(['reconcile'])).output).toContain('3 payments agree');
  });

  it('reconcile without a node says what it cannot do', async () => {
    const { code, output } = await run(['reconcile'], { BLOCKRUN_RPC_URL: '' });
    expect([code, output]).toEqual([0, expect.stringContaining('BLOCKRUN_RPC_URL')]);
  });

  it('audit verify says that the audit is whole', async () => {
    expect(await json(['audit', 'verify'])).toMatchObject({ ok: true, files: 1 });
    expect((await run(['audit', 'verify'])).output).toContain('agrees with the ledger');
  });

  it.each([
    [['budget', 'raise', '0.5'], 'reason'],
    [['budget', 'raise', 'much', '--reason', 'x'], 'positive amount'],
    [['budget', 'raise', '-1', '--reason', 'x'], 'error'],
    [['budget', 'reset', '--reason', ' '], 'say why'],
    [['reconcile', '--day', '2026-02-31'], 'UTC day'],
    [['nonsense'], "no command 'nonsense'"],
    [['budget', 'nonsense'], 'error'],
  ])('%j is wrong usage', async (words, says) => {
    const { code, errors } = await run(words);
    expect([code, errors]).toEqual([2, expect.stringContaining(says)]);
  });

  it('where there is no ledger they say so, and make none', async () => {
    const elsewhere = { BLOCKRUN_LEDGER_FILE: join(directory, 'elsewhere', 'ledger.json') };
    for (const words of [['budget'], ['report'], ['reconcile'], ['audit', 'verify']]) {
      const { code, errors } = await run(words, elsewhere);
      expect([words, code, errors]).toEqual([words, 1, expect.stringContaining('BLOCKRUN_LEDGER_FILE')]);
    }
    expect(existsSync(join(directory, 'elsewhere'))).toBe(false);
  });

  it('audit verify names a line that was changed, and its exit code says so', async () => {
    const text = audit();
    writeFileSync(join(directory, 'audit.jsonl'), text.replace('"reason":"a long task"', '"reason":"a wrong task"'));
    const { code, output } = await run(['audit', 'verify']);
    const line = text.slice(0, text.indexOf('a long task')).split('\n').length;
    expect([code, output]).toEqual([3, expect.stringContaining(`audit.jsonl:${line}`)]);
    writeFileSync(join(directory, 'audit.jsonl'), text);
  });

  it('ledger move takes it to a server once the proxy is stopped, and a proxy goes on from there', async () => {
    const server = await PostgresServer.start();
    const shared = { BLOCKRUN_LEDGER_URL: await server.database(), BLOCKRUN_MACHINE: 'alpha' };
    const move = () => run(['ledger', 'move', '--to', shared.BLOCKRUN_LEDGER_URL], { BLOCKRUN_MACHINE: 'alpha' });
    let moved: ProxyProcess | undefined;
    try {
      expect(await move()).toMatchObject({ code: 1, errors: expect.stringContaining('a proxy runs on it') as unknown });
      proxy.kill('SIGTERM');
      await proxy.ended();
      const before = await json(['report']);
      expect(await move()).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('compared one by one') as unknown });
      expect(JSON.parse((await run(['report', '--json'], shared)).output)).toEqual(before);
      expect((await run(['budget'])).output).toContain('moved to');
      moved = new ProxyProcess(directory, {
        ...environment,
        ...shared,
        BLOCKRUN_CHAT_URL: world.seller.chatUrl,
        X402_PRIVATE_KEY: world.wallet.privateKey,
      });
      url = await moved.listening();
      expect((await post()).status).toBe(200);
      expect(await run(['audit', 'verify'], shared)).toMatchObject({ code: 0 });
    } finally {
      moved?.kill('SIGKILL');
      await moved?.ended();
      await server.stop();
    }
  });
});
