import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { systemClock } from '../../src/clock/clock.js';
import { CRASH_POINTS } from '../../src/crash/crash-points.js';
import { EXPIRY_MARGIN_SECONDS } from '../../src/reconciliation/verdict.js';
import { parseUsd } from '../../src/money/micro-usd.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { openBooks } from '../support/open-books.js';
import { chatBody } from './proxy.js';
import { until } from '../support/until.js';
import { ProxyProcess } from './proxy-process.js';

/** Longer than any authorization is good for. */
const PAST_ALL_SECONDS = 600 + Number(EXPIRY_MARGIN_SECONDS) + 60;
/** Deaths that come from outside, while the seller has the payment: what it does then, and how one sees that it does. */
const OUTSIDE: Record<string, { directions: object; seen: (seller: World['seller']) => number }> = {
  'while the seller works': { directions: { pauseAfterTokens: 1 }, seen: ({ paidSends }) => paidSends },
  'once the seller has settled': { directions: { fault: 'paid-hang' }, seen: ({ settlements }) => settlements.length },
};
const DEATHS: string[] = [...CRASH_POINTS, ...Object.keys(OUTSIDE)];

/** Two whole calls go before, and three are on their way when the process dies. */
const CALLS_AT_ONCE = 3;

describe.each(ENGINES)('a proxy with its ledger on %s that is killed at any point between request and booking', (engine) => {
  let site: LedgerSite;
  let world: World;
  let price: bigint;
  const directories = new Map<string, string>();

  beforeAll(async () => {
    world = await startWorld();
    site = await LedgerSite.open(engine);
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    for (const death of DEATHS) directories.set(death, mkdtempSync(join(tmpdir(), 'crash-')));
  });
  afterAll(async () => {
    await world.stop();
    await site.close();
    for (const directory of directories.values()) rmSync(directory, { recursive: true, force: true });
  });

  const directoryOf = (death: string) => directories.get(death) ?? '';
  const start = async (death: string, environment: Record<string, string> = {}) => {
    const directory = directoryOf(death);
    const ledger = await site.environmentFor(directory);
    return new ProxyProcess(directory, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
      BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
      BLOCKRUN_RPC_URL: world.chain?.rpcUrl ?? '',
      ...ledger,
      ...environment,
    });
  };
  const post = async (url: string, fields: Record<string, unknown>) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chatBody(fields)),
    });
    return response.text();
  };
  const budgetOf = async (url: string) => {
    const status = (await (await fetch(`${url}/v1/budget`)).json()) as Record<string, string>;
    const amount = (name: string) => parseUsd(status[name] ?? '') ?? -1n;
    return { spent: amount('spentUsd'), held: amount('heldUsd'), unresolved: amount('unresolvedUsd') };
  };
  /** What the chain says was taken by the authorizations that are in these books. */
  const takenFor = async (death: string) => {
    const directory = directoryOf(death);
    const books = await openBooks({ directory, clock: systemClock, openStore: site.storeIn(directory) });
    const rows = await books.store.reader.selectFrom('entry').select('nonce').distinct().execute();
    await books.close();
    const nonces = new Set(rows.map(({ nonce }) => nonce));
    const transfers = (await world.chain?.transfersFrom(world.wallet.address)) ?? [];
    return transfers.filter(({ nonce }) => nonces.has(nonce)).reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n);
  };

  it.each(DEATHS)('(%s) starts again, and counts at least what was taken', async (death) => {
    const outside = OUTSIDE[death];
    const first = await start(death, outside ? {} : { BLOCKRUN_TEST_CRASH_AT: `${death}:2` });
    const url = await first.listening();
    for (const stream of [false, true]) await post(url, { stream });
    const before = outside?.seen(world.seller) ?? 0;
    const x_sandbox = outside?.directions;
    const lost = Array.from({ length: CALLS_AT_ONCE }, (_, call) => post(url, { stream: call % 2 === 0, x_sandbox }).catch(() => 'lost'));
    if (outside) {
      await until(() => outside.seen(world.seller) > before, death);
      first.kill('SIGKILL');
    }
    expect(await first.ended()).toBe('SIGKILL');
    await Promise.all(lost);
    world.seller.resume();
    await world.seller.idle();
    const second = await start(death);
    const again = await second.listening();
    // Whatever was not signed is free again at once; the rest counts as spent or unresolved, and nothing is in flight any more.
    const { spent, held, unresolved } = await budgetOf(again);
    expect(held).toBe(unresolved);
    expect(spent + unresolved).toBeGreaterThanOrEqual(await takenFor(death));
    expect(spent + unresolved).toBeLessThanOrEqual(BigInt(2 + CALLS_AT_ONCE) * price);
    second.kill('SIGTERM');
    expect(await second.ended()).toBe('SIGTERM');
  });

  it('has booked exactly what left the wallet, once the chain has proven the rest', async () => {
    await world.chain?.passTime(PAST_ALL_SECONDS);
    for (const death of DEATHS) {
      const proxy = await start(death);
      const url = await proxy.listening();
      await until(async () => (await budgetOf(url)).unresolved === 0n, `${death} to be reconciled`);
      expect([death, await budgetOf(url)]).toEqual([death, { spent: await takenFor(death), held: 0n, unresolved: 0n }]);
      proxy.kill('SIGKILL');
      await proxy.ended();
    }
  }, 240_000);
});
