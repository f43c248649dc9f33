import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { type SolanaWorld, startWorld } from '../../sandbox/world.js';
import { Clock, utcDay } from '../../src/clock/clock.js';
import { Chains } from '../../src/reconciliation/chain.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { nonceOfSignature } from '../support/solana-offers.js';
import { SolanaProxy } from '../support/solana-proxy.js';
import { StoppableClock } from '../support/stoppable-clock.js';
import { chatBody, type ProxyUnderTest } from './proxy.js';

/** After the last block that can take a payment: until it is final, and as long again as a blockhash lives. */
const UNTIL_DEAD = 32 + 150;

describe('a payment on Solana without a verdict', () => {
  let world: SolanaWorld;
  let site: SolanaProxy;
  let proxy: ProxyUnderTest;
  let price: bigint;
  let clock: StoppableClock;

  beforeEach(async () => {
    world = await startWorld({ network: 'solana' });
    world.solana.stopBlocks(); // blocks come when a test says so
    clock = new StoppableClock();
    site = await SolanaProxy.start(world, { override: (builder) => builder.overrideProvider(Clock).useValue(clock) });
    ({ proxy } = site);
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterEach(async () => {
    await site.remove();
    await world.stop();
  });

  const reconciliation = () => proxy.app.get(ReconciliationService);
  const resolve = () => reconciliation().resolve();
  /** Buys with the fault, and tells what was signed for it. */
  const buy = async (fault: Fault) => {
    await proxy.chat({ x_sandbox: { fault } });
    await world.seller.idle();
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: price, unresolved: price });
    const signed = proxy.audit().find(({ event }) => event === 'payment_signed');
    return { nonce: signed?.nonce, lastValid: Number(signed?.['lastValidBlockHeight']) };
  };
  const makeBlocksUpTo = (height: number) => world.solana.produceBlocks(height - world.solana.height());

  it.each<Fault>(['paid-500-settled', 'paid-lies-not-charged', 'paid-drop-after-settle'])(
    'that was taken (%s) is settled once its block is final, with its transaction',
    async (fault) => {
      world.solana.startBlocks();
      const { nonce } = await buy(fault);
      world.solana.stopBlocks();
      const [transfer] = world.solana.transfersFrom(world.wallet.solana.address);
      expect(transfer).toMatchObject({ amountMicroUsd: price });
      expect(nonce).toBe(nonceOfSignature(transfer?.signature));
      expect(await resolve()).toMatchObject([{ resolution: { kind: 'wait' } }]);
      await world.solana.produceBlocks(40);
      expect(await resolve()).toMatchObject([{ resolution: { kind: 'settle', transaction: transfer?.transaction } }]);
      expect(await proxy.budget()).toMatchObject({ spent: price, held: 0n, unresolved: 0n, calls: 1 });
      expect(await reconciliation().compare(utcDay(clock.now()))).toMatchObject({
        bookedMicroUsd: price,
        takenMicroUsd: price,
        matches: [{}],
        notTaken: [],
        foreign: [],
        unasked: 0,
      });
    },
  );

  it.each<Fault>(['paid-stale-blockhash', 'paid-reset', 'paid-settlement-failed'])(
    'that nobody took (%s) waits to the last block that could, and is then given back, whatever the clock says',
    async (fault) => {
      const { nonce, lastValid } = await buy(fault);
      clock.stopAt(Date.now() + 30 * 86_400_000);
      await makeBlocksUpTo(lastValid + UNTIL_DEAD);
      expect(await resolve()).toMatchObject([{ resolution: { kind: 'wait' } }]);
      await world.solana.produceBlocks(1);
      expect(await resolve()).toMatchObject([{ resolution: { kind: 'release', reason: expect.stringContaining(`block ${lastValid}`) } }]);
      expect(await proxy.budget()).toMatchObject({ spent: 0n, held: 0n, unresolved: 0n, calls: 0 });
      expect(proxy.audit().at(-1)).toMatchObject({ event: 'payment_reconciled', state: 'released', nonce, booked: '0.000000' });
      expect(await world.solana.balanceOf(world.wallet.solana.address)).toBe(5_000_000n);
    },
  );

  it('is not sent by anybody after it was given back: the chain refuses it', async () => {
    const { lastValid } = await buy('paid-reset');
    const [last] = world.seller.bodies.slice(-1);
    const header = String(last?.headers['payment-signature']);
    await makeBlocksUpTo(lastValid + UNTIL_DEAD + 1);
    await resolve();
    const again = await fetch(world.seller.chatUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'payment-signature': header },
      body: last?.raw.toString().replace('paid-reset', 'paid-receipt') ?? '',
    });
    expect(again.status).toBe(402);
    expect(world.solana.transfersFrom(world.wallet.solana.address)).toEqual([]);
  });

  it('keeps counting while the node cannot be asked, or has forgotten the time of the payment', async () => {
    const { lastValid } = await buy('paid-reset');
    await makeBlocksUpTo(lastValid + UNTIL_DEAD + 1);
    world.solana.fail = 'rate-limited';
    await expect(resolve()).rejects.toMatchObject({ code: 'chain_unavailable', message: expect.stringContaining('429') });
    world.solana.fail = undefined;
    world.solana.forget();
    await expect(resolve()).rejects.toMatchObject({
      code: 'chain_unavailable',
      message: expect.stringContaining('too little of the past'),
    });
    expect(await proxy.budget()).toMatchObject({ unresolved: price });
  });

  it('whose network has no node is told as not compared', async () => {
    world.solana.startBlocks();
    await proxy.chat();
    const day = utcDay(clock.now());
    const chains = proxy.app.get<Map<string, unknown>>(Chains, { strict: false });
    chains.delete('solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp');
    chains.set('eip155:8453', {});
    expect(await reconciliation().compare(day)).toMatchObject({ bookedMicroUsd: 0n, takenMicroUsd: 0n, unasked: 1 });
  });
});
