import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { Clock } from '../../src/clock/clock.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { Anvil } from '../support/anvil.js';
import { StoppableClock } from '../support/stoppable-clock.js';
import { chatBody, FREE_MODEL, ProxyUnderTest } from './proxy.js';
import { until } from '../support/until.js';

const NOTHING = { spent: 0n, held: 0n, unresolved: 0n, calls: 0 };

describe('a payment without a verdict', () => {
  let world: World;
  let anvil: Anvil;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeEach(async () => {
    world = await startWorld();
    anvil = new Anvil(world);
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterEach(async () => {
    await proxy.remove();
    await world.stop();
  });

  interface How {
    environment?: Record<string, string>;
    clock?: StoppableClock;
    directory?: string;
  }
  const start = async ({ environment = { BLOCKRUN_RPC_URL: anvil.url.href }, clock, directory }: How = {}) => {
    proxy = await ProxyUnderTest.start({
      world,
      environment,
      ...(directory === undefined ? {} : { directory }),
      override: (builder) => (clock ? builder.overrideProvider(Clock).useValue(clock) : builder),
    });
  };
  const resolve = () => proxy.app.get(ReconciliationService).resolve();
  /** Buys with the fault, and tells what was signed for it. */
  const buy = async (fault: Fault) => {
    await proxy.chat({ x_sandbox: { fault } });
    await world.seller.idle();
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: price, unresolved: price, calls: 0 });
    const signed = proxy.audit().find(({ event }) => event === 'payment_signed');
    return { nonce: signed?.nonce, validBefore: BigInt(String(signed?.validBefore)), day: String(signed?.day) };
  };
  it.each<Fault>(['paid-drop-after-settle', 'paid-524-settled'])(
    'that the seller took (%s) is settled with its transaction',
    async (fault) => {
      await start();
      const { nonce } = await buy(fault);
      const [transfer] = await anvil.chain.transfersFrom(world.wallet.address);
      expect(transfer).toMatchObject({ nonce, amountMicroUsd: price });
      expect(await resolve()).toMatchObject([{ resolution: { kind: 'settle', transaction: transfer?.transaction } }]);
      expect(await proxy.budget()).toMatchObject({ ...NOTHING, spent: price, calls: 1 });
      expect(proxy.audit().at(-1)).toMatchObject({
        event: 'payment_reconciled',
        state: 'settled',
        nonce,
        booked: formatUsd(price),
        receiptRef: transfer?.transaction,
        reason: 'the chain says that the authorization was used',
      });
      expect(await resolve()).toEqual([]);
    },
  );

  it('that nobody took waits for the time of the chain to the second, and is then released', async () => {
    await start({ environment: { BLOCKRUN_RPC_URL: anvil.url.href, BLOCKRUN_DAILY_BUDGET_USD: formatUsd(price) } });
    const { validBefore, nonce } = await buy('paid-reset');
    for (const seconds of [0n, 119n, 120n]) {
      await anvil.turnTo(validBefore + seconds);
      expect(await resolve()).toMatchObject([{ resolution: { kind: 'wait' } }]);
    }
    expect((await proxy.chat({ model: FREE_MODEL })).json.error?.code).toBe('daily_limit_reached');
    expect(await proxy.budget()).toMatchObject({ spent: 0n, unresolved: price, remaining: 0n });

    await anvil.turnTo(validBefore + 121n);
    await resolve();
    expect(await proxy.budget()).toEqual({ ...NOTHING, remaining: price });
    expect(proxy.audit().at(-1)).toMatchObject({ event: 'payment_reconciled', state: 'released', nonce, booked: '0.000000' });
    expect((await proxy.chat({ model: FREE_MODEL })).status).toBe(200);
    expect(await anvil.left()).toBe(0n);
  });

  it('waits for the chain, however late it is by the clock of the proxy', async () => {
    const clock = new StoppableClock();
    await start({ clock });
    await buy('paid-reset');
    clock.stopAt(Date.now() + 30 * 86_400_000);
    expect(await resolve()).toMatchObject([{ resolution: { kind: 'wait' } }]);
  });

  it('keeps counting while the node cannot be reached, and the proxy sells on', async () => {
    await start({ environment: { BLOCKRUN_RPC_URL: 'http://127.0.0.1:9/v2/secret-key' } });
    await buy('paid-drop-after-settle');
    await expect(resolve()).rejects.toMatchObject({ code: 'chain_unavailable' });
    expect((await proxy.chat()).status).toBe(200);
    expect(await proxy.budget()).toMatchObject({ spent: price, unresolved: price, calls: 1 });
    expect((await fetch(`${proxy.url}/health`)).status).toBe(200);
  });

  it.each<[Fault, string, bigint]>([
    ['paid-500-not-charged', 'is released where the seller said that it charged nothing', 0n],
    ['paid-reset', 'is spent where the seller said nothing', 1n],
  ])('after %s and without a chain to ask %s, once it has run out', async (fault, _what, times) => {
    const clock = new StoppableClock();
    await start({ environment: {}, clock });
    const { validBefore, day } = await buy(fault);
    clock.stopAt(Number(validBefore + 120n) * 1000);
    expect(await resolve()).toMatchObject([{ resolution: { kind: 'wait' } }]);
    clock.stopAt(Number(validBefore + 121n) * 1000);
    await resolve();
    const totals = await proxy.app.get<Ledger>(Ledger).totals(day);
    expect(totals).toMatchObject({ spentMicroUsd: times * price, unresolvedMicroUsd: 0n, calls: Number(times) });
  });

  it('is looked into once when two ask at the same time', async () => {
    await start();
    await buy('paid-drop-after-settle');
    const [one, other] = await Promise.all([resolve(), resolve()]);
    expect(one).toBe(other);
    expect(proxy.audit().filter(({ event }) => event === 'payment_reconciled')).toHaveLength(1);
  });

  // Guards against a search around the time at which recovery found the payment instead of the time at which it was signed.
  it('of a process that died is found by the next one hours later, by itself, with its transaction', async () => {
    await start();
    const ledger = proxy.app.get<Ledger>(Ledger);
    const placed = await ledger.place({ id: 'req_lost', model: 'm', maxMicroUsd: 50_000n, capMicroUsd: 1_000_000n });
    const signed = await anvil.sign(2600n);
    await ledger.sign('req_lost', signed.authorization);
    const transaction = await anvil.take(signed);
    await proxy.stop();

    await anvil.turnTo((await anvil.now()) + 3n * 3600n);
    const clock = new StoppableClock();
    clock.stopAt(Date.now() + 3 * 3_600_000);
    await start({ directory: proxy.directory, clock });
    const totals = () => proxy.app.get<Ledger>(Ledger).totals(placed.totals.day);
    await until(async () => (await totals()).spentMicroUsd > 0n, 'the payment to be found');
    expect(await totals()).toMatchObject({ spentMicroUsd: 2600n, signedMicroUsd: 0n, unresolvedMicroUsd: 0n, calls: 1 });
    expect(proxy.audit().map(({ event }) => event)).toEqual(['payment_signed', 'payment_unresolved', 'payment_reconciled']);
    expect(proxy.audit().at(-1)).toMatchObject({ requestId: 'req_lost', booked: '0.002600', receiptRef: transaction });
    const summary = join(proxy.directory, 'ledger.json');
    await until(() => existsSync(summary) && proxy.summary()[placed.totals.day]?.spentUsd === 0.0026, 'ledger.json to follow');
  });
});
