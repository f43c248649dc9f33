import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { Buyer, chatBody as boughtBody } from '../sandbox/buyer.js';
import { Anvil } from '../support/anvil.js';
import { chatBody, FREE_MODEL, ProxyUnderTest } from './proxy.js';

const AGREED = { notTaken: [], overruns: [], otherAmounts: [], foreign: [], unasked: 0 };

describe('a day of the ledger beside the chain', () => {
  let world: World;
  let anvil: Anvil;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeEach(async () => {
    world = await startWorld();
    anvil = new Anvil(world);
    proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_RPC_URL: anvil.url.href } });
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterEach(async () => {
    await proxy.remove();
    await world.stop();
  });

  const service = () => proxy.app.get(ReconciliationService);
  /** The day on which the proxy has begun to pay. */
  const day = () => String(proxy.audit().find(({ event }) => event === 'payment_signed')?.day);
  const compare = async () => {
    const comparison = await service().compare(day());
    if (!comparison) throw new Error('there is a chain, and nothing was compared');
    return comparison;
  };
  const buy = async (fault?: Fault, fields: Record<string, unknown> = {}) => {
    const answer = await proxy.chat({ ...fields, x_sandbox: { tokens: 6, ...(fault === undefined ? {} : { fault }) } });
    await world.seller.idle();
    return answer;
  };

  it('agrees to the micro-dollar after calls of every kind: booked is taken is what left the wallet', async () => {
    await buy();
    await buy(undefined, { stream: true, messages: [{ role: 'user', content: 'word '.repeat(2000) }], max_tokens: 700 });
    await buy('paid-no-receipt');
    await buy('paid-truncated-body');
    await buy('stream-cut', { stream: true });
    await buy('paid-drop-after-settle');
    await buy('error-500');
    await buy(undefined, { model: FREE_MODEL });
    await buy('paid-reset'); // stays unresolved: it may still be taken
    await service().resolve();
    const comparison = await compare();
    const { spent, unresolved } = await proxy.budget();
    const left = await anvil.left();
    expect(left).toBeGreaterThan(6n * price);
    expect({ booked: comparison.bookedMicroUsd, taken: comparison.takenMicroUsd, spent }).toEqual({
      booked: left,
      taken: left,
      spent: left,
    });
    expect(unresolved).toBe(price);
    expect(comparison).toMatchObject(AGREED);
    expect(comparison.matches).toHaveLength(6);
    const told = await anvil.chain.transfersFrom(world.wallet.address);
    expect(comparison.matches.map(({ transfer }) => transfer.transaction).toSorted()).toEqual(
      told.map(({ transaction }) => transaction).toSorted(),
    );
    for (const { payment, transfer } of comparison.matches) expect([undefined, transfer.transaction]).toContain(payment.transaction);
  });

  it('counts what was taken and has no verdict yet as taken and not booked', async () => {
    await buy('paid-drop-after-settle');
    expect(await compare()).toMatchObject({ ...AGREED, bookedMicroUsd: 0n, takenMicroUsd: price, matches: [] });
    expect(await proxy.budget()).toMatchObject({ spent: 0n, unresolved: price });
  });

  it('shows what others did with the wallet, and books nothing of it', async () => {
    await buy();
    const sent = await anvil.send(123_456n);
    expect((await new Buyer(world).pay(boughtBody())).status).toBe(200);
    const bought = (await anvil.chain.transfersFrom(world.wallet.address)).at(-1);
    const before = [await proxy.budget(), proxy.audit()];
    const comparison = await compare();
    expect(comparison).toMatchObject({
      bookedMicroUsd: price,
      takenMicroUsd: price,
      matches: [{}],
      notTaken: [],
      overruns: [],
      foreign: [
        { transaction: sent, amountMicroUsd: 123_456n, nonce: undefined },
        { transaction: bought?.transaction, amountMicroUsd: price, nonce: bought?.nonce, payee: world.treasury },
      ],
    });
    expect(await anvil.left()).toBe(2n * price + 123_456n);
    expect([await proxy.budget(), proxy.audit()]).toEqual(before);
    expect((await buy()).status).toBe(200);
  });

  // Guards against differences that are only calls which were signed, taken or booked between two looks.
  it('agrees at every moment while the proxy sells', async () => {
    await buy();
    let next = 0;
    let selling = true;
    const client = async () => {
      for (; next < 24; next += 1) await proxy.chat({ stream: next % 2 === 0, x_sandbox: { tokens: 3 } });
    };
    const sold = Promise.all([client(), client(), client()]).finally(() => (selling = false));
    while (selling) expect(await compare()).toMatchObject(AGREED);
    await sold;
    await world.seller.idle();
    const left = await anvil.left();
    expect(left).toBeGreaterThanOrEqual(25n * price);
    expect(await compare()).toMatchObject({ ...AGREED, bookedMicroUsd: left, takenMicroUsd: left });
  });

  it('of which there is no payment agrees, with zeros', async () => {
    await buy();
    expect(await service().compare('2026-01-01')).toEqual({
      ...AGREED,
      day: '2026-01-01',
      bookedMicroUsd: 0n,
      takenMicroUsd: 0n,
      matches: [],
    });
  });

  it('is not compared where there is no chain to ask', async () => {
    const blind = await ProxyUnderTest.start({ world });
    expect(await blind.app.get(ReconciliationService).compare('2026-06-06')).toBeUndefined();
    await blind.remove();
  });
});
