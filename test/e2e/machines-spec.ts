import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { runProgram } from '../support/run-program.js';
import { samplesOf } from '../support/scrape.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { chatBody } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

describe('two machines on one ledger, of which one has paid twice and the other once', () => {
  let world: World;
  let server: PostgresServer;
  let shared: string;
  let price: bigint;
  let urls: string[];
  const directories = { alpha: new TemporaryDirectory(), beta: new TemporaryDirectory() };
  const proxies: ProxyProcess[] = [];

  beforeAll(async () => {
    world = await startWorld();
    server = await PostgresServer.start();
    shared = await server.database();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    for (const machine of ['alpha', 'beta'] as const)
      proxies.push(
        new ProxyProcess(directories[machine].path, {
          ...settings(machine),
          BLOCKRUN_CHAT_URL: world.seller.chatUrl,
          X402_PRIVATE_KEY: world.wallet.privateKey,
        }),
      );
    urls = await Promise.all(proxies.map((proxy) => proxy.listening()));
    const [alpha = '', beta = ''] = urls;
    for (const url of [alpha, alpha, beta]) expect((await post(url)).status).toBe(200);
  });
  afterAll(async () => {
    await stop();
    await world.stop();
    await server.stop();
    for (const directory of Object.values(directories)) directory.remove();
  });

  const settings = (machine: keyof typeof directories) => ({
    BLOCKRUN_LEDGER_URL: shared,
    BLOCKRUN_MACHINE: machine,
    BLOCKRUN_LEDGER_FILE: directories[machine].file('ledger.json'),
    BLOCKRUN_AUDIT_LOG: directories[machine].file('audit.jsonl'),
    BLOCKRUN_RPC_URL: world.chain?.rpcUrl ?? '',
  });
  const post = (url: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chatBody()),
    });
  const run = (words: string[], machine: keyof typeof directories = 'beta') =>
    runProgram(words, { directory: directories[machine].path, environment: settings(machine) });
  const json = async (words: string[]) => {
    const { code, output, errors } = await run([...words, '--json']);
    expect([code, errors]).toEqual([0, '']);
    return JSON.parse(output) as Record<string, unknown>;
  };
  const stop = async () => {
    for (const proxy of proxies) {
      proxy.kill('SIGTERM');
      await proxy.ended();
    }
  };

  it('is what the metrics of either say of both', async () => {
    for (const url of urls) {
      const samples = samplesOf(await (await fetch(`${url}/metrics`)).text());
      const of = (name: string) => ['alpha', 'beta'].map((machine) => samples.get(`blockrun_machine_${name}{machine="${machine}"}`));
      expect(of('spent_usd')).toEqual([Number(formatUsd(2n * price)), Number(formatUsd(price))]);
      expect(of('calls')).toEqual([2, 1]);
      expect([of('in_flight_usd'), of('unresolved_usd')]).toEqual([
        [0, 0],
        [0, 0],
      ]);
      expect(samples.get('blockrun_budget_spent_usd')).toBe(Number(formatUsd(3n * price)));
    }
  });

  it('is what budget, report and reconcile say on either', async () => {
    const nothing = { heldUsd: '0.000000', unresolvedUsd: '0.000000' };
    expect(await json(['budget'])).toMatchObject({
      spentUsd: formatUsd(3n * price),
      machines: [
        { machine: 'alpha', spentUsd: formatUsd(2n * price), calls: 2, ...nothing },
        { machine: 'beta', spentUsd: formatUsd(price), calls: 1, ...nothing },
      ],
    });
    expect((await run(['budget'])).output).toMatch(/machine alpha +\$0\.00\d+, \$0\.00 held\n +machine beta/);
    expect((await run(['report', '--by', 'machine', '--csv'])).output).toMatch(/alpha,2,.*\s+beta,1,/);
    const { comparison } = (await json(['reconcile'])) as { comparison: { matches: { machine: string }[] } };
    expect(comparison.matches.map(({ machine }) => machine).toSorted()).toEqual(['alpha', 'alpha', 'beta']);
  });

  it('is what a file has to which the day is moved by command, with the proxies stopped, and where spending goes on', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const file = directories.beta.file('moved.sqlite');
    const move = () => run(['ledger', 'move', '--day', today, '--to', `sqlite://${file}`]);
    expect(await move()).toMatchObject({ code: 1, errors: expect.stringContaining('a proxy runs on it') as unknown });
    await stop();
    const { code, output, errors } = await move();
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/records of \S+ are on .*moved\.sqlite and were compared one by one/);
    const there = {
      ...settings('beta'),
      BLOCKRUN_LEDGER_URL: `sqlite://${file}`,
      BLOCKRUN_AUDIT_LOG: directories.beta.file('audit-moved.jsonl'),
    };
    const moved = await runProgram(['budget', '--json'], { directory: directories.beta.path, environment: there });
    expect(JSON.parse(moved.output)).toMatchObject({ spentUsd: formatUsd(3n * price), stops: [] });
    expect((await run(['budget'])).output).toContain('moved to');
  });
});
