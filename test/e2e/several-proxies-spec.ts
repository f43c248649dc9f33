import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd, parseUsd } from '../../src/money/micro-usd.js';
import { linesOf, verifyChain } from '../support/audit-chain.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { clientsIn } from '../support/clients.js';
import { chatBody } from './proxy.js';
import { until } from '../support/until.js';
import { ProxyProcess } from './proxy-process.js';

/** How many proxies get how many calls at once, on a cap for how many. */
const CROWDS = {
  'one state directory': { proxyCount: 3, calls: 60, payableCalls: 12 },
  'one PostgreSQL server': { proxyCount: 4, calls: 500, payableCalls: 50 },
} as const;
const SHARED = ['one state directory', 'one PostgreSQL server'] as const;

/** Where each of the proxies keeps its books. */
interface Site {
  directories: string[];
  environment: Record<string, string>;
}

describe.each(SHARED)('several proxies on %s', (shared) => {
  const isServer = shared === 'one PostgreSQL server';
  const { proxyCount, calls: callCount, payableCalls } = CROWDS[shared];
  let world: World;
  let server: PostgresServer | undefined;
  let price: bigint;
  const directories: string[] = [];
  const started: ProxyProcess[] = [];

  beforeAll(async () => {
    world = await startWorld();
    if (isServer) server = await PostgresServer.start();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterAll(async () => {
    for (const proxy of started) {
      proxy.kill('SIGKILL');
      await proxy.ended();
    }
    await world.stop();
    await server?.stop();
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });

  /** Proxies that share a cap for the payable calls, and their URLs. */
  const startOn = async ({ directories: places, environment }: Site) => {
    const proxies = places.map(
      (directory, index) =>
        new ProxyProcess(directory, {
          ...environment,
          ...(isServer && { BLOCKRUN_MACHINE: `machine-${index}` }),
          BLOCKRUN_CHAT_URL: world.seller.chatUrl,
          X402_PRIVATE_KEY: world.wallet.privateKey,
          BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
          BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
          BLOCKRUN_DAILY_BUDGET_USD: formatUsd(BigInt(payableCalls) * price),
          BLOCKRUN_MAX_USD_PER_REQUEST: formatUsd(price),
          // Whoever comes early waits until the room is really gone, however slow the machine is.
          BLOCKRUN_HOLD_WAIT_MS: '60000',
        }),
    );
    started.push(...proxies);
    return { proxies, urls: await Promise.all(proxies.map((proxy) => proxy.listening())) };
  };
  const newDirectory = () => {
    const directory = mkdtempSync(join(tmpdir(), 'several-'));
    directories.push(directory);
    return directory;
  };
  /** For the proxies: one directory for all, or one for each and a database for all. */
  const newSite = async (): Promise<Site> => {
    if (server)
      return {
        directories: Array.from({ length: proxyCount }, newDirectory),
        environment: { BLOCKRUN_LEDGER_URL: await server.database() },
      };
    const directory = newDirectory();
    return { directories: Array.from({ length: proxyCount }, () => directory), environment: {} };
  };
  const verifyChains = (site: Site) => {
    for (const directory of new Set(site.directories)) verifyChain(linesOf(readFileSync(join(directory, 'audit.jsonl'), 'utf8')));
  };
  const post = async (url: string, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(chatBody());
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    const answer = await fetch(`${url}/v1/chat/completions`, init);
    await answer.text();
    return answer.status;
  };
  const budgetOf = async (url = '') => {
    const status = (await (await fetch(`${url}/v1/budget`)).json()) as Record<string, string>;
    const amount = (name: string) => parseUsd(status[name] ?? '') ?? -1n;
    return { spent: amount('spentUsd'), held: amount('heldUsd'), unresolved: amount('unresolvedUsd') };
  };
  const settledSince = (count: number) =>
    world.seller.settlements.slice(count).reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n);
  const callAll = (urls: string[]) =>
    Promise.all(Array.from({ length: callCount }, (_, call) => post(urls[call % urls.length] ?? '').catch(() => 'lost' as const)));

  it('pay a cap for so many calls exactly so many times, whoever is asked, and write whole chains', async () => {
    const site = await newSite();
    const { urls } = await startOn(site);
    const before = world.seller.settlements.length;
    const statuses = await callAll(urls);
    await world.seller.idle();
    const counts = (status: number) => statuses.filter((one) => one === status).length;
    expect({ paid: counts(200), refused: counts(429) }).toEqual({ paid: payableCalls, refused: callCount - payableCalls });
    expect(settledSince(before)).toBe(BigInt(payableCalls) * price);
    for (const url of urls) expect(await budgetOf(url)).toEqual({ spent: BigInt(payableCalls) * price, held: 0n, unresolved: 0n });
    verifyChains(site);
  });

  it("pay a client's budget for seven exactly seven times, and the others' besides", async () => {
    const site = await newSite();
    const clients = [{ name: 'everybody', default: true, dailyBudgetUsd: formatUsd(7n * price) }];
    const setting = clientsIn(join(newDirectory(), 'clients.json'), [...clients, { name: 'another', session: 'another' }]);
    const { urls } = await startOn({ ...site, environment: { ...site.environment, ...setting } });
    const before = world.seller.settlements.length;
    const [statuses, others] = await Promise.all([callAll(urls), Promise.all(urls.map((url) => post(url, { session_id: 'another' })))]);
    await world.seller.idle();
    expect(statuses.filter((status) => status === 200)).toHaveLength(7);
    expect(others).toEqual(urls.map(() => 200));
    expect(settledSince(before)).toBe(BigInt(7 + urls.length) * price);
    verifyChains(site);
  });

  it('keep the cap when one is killed, and another one looks after what it left', async () => {
    const site = await newSite();
    const { proxies, urls } = await startOn(site);
    const before = { sends: world.seller.paidSends, settlements: world.seller.settlements.length };
    const calls = callAll(urls);
    await until(() => world.seller.paidSends >= before.sends + 4, 'some payments');
    proxies[0]?.kill('SIGKILL');
    const statuses = await calls;
    await world.seller.idle();
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(payableCalls);
    expect(world.seller.paidSends - before.sends).toBeLessThanOrEqual(payableCalls);
    // Nobody starts anything: a proxy that runs on sweeps.
    const survivor = urls[1];
    await until(
      async () => {
        const { held, unresolved } = await budgetOf(survivor);
        return held === unresolved;
      },
      'what the dead one held to be given back',
      { withinMs: 90_000 },
    );
    const { spent, unresolved } = await budgetOf(survivor);
    expect(spent + unresolved).toBeGreaterThanOrEqual(settledSince(before.settlements));
    expect(spent + unresolved).toBeLessThanOrEqual(BigInt(payableCalls) * price);
    verifyChains(site);
  });
});
