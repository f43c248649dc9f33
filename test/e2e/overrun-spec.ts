import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { Clock } from '../../src/clock/clock.js';
import { SpendingControl } from '../../src/ledger/spending-control.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import type { Health } from '../../src/health/health.service.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { Anvil } from '../support/anvil.js';
import { StoppableClock } from '../support/stoppable-clock.js';
import { type AuditLine, chatBody, ProxyUnderTest } from './proxy.js';

/** A seller said that it charged nothing, its hold was released since no chain could be asked, and then it took the money after all. */
describe('a payment that is taken although its hold was released', () => {
  let world: World;
  let anvil: Anvil;
  let proxy: ProxyUnderTest;
  let price: bigint;
  let signed: AuditLine;
  let transaction: string | undefined;

  beforeAll(async () => {
    world = await startWorld();
    anvil = new Anvil(world);
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    const released = await releasedWithoutChain();
    transaction = await takeAfterAll();
    proxy = await ProxyUnderTest.start({ world, directory: released.directory, environment: { BLOCKRUN_RPC_URL: anvil.url.href } });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  /** A proxy without a chain to ask, whose clock goes on until the payment has run out. */
  async function releasedWithoutChain(): Promise<ProxyUnderTest> {
    const clock = new StoppableClock();
    const blind = await ProxyUnderTest.start({ world, override: (builder) => builder.overrideProvider(Clock).useValue(clock) });
    await blind.chat({ x_sandbox: { fault: 'paid-500-not-charged' } });
    signed = blind.audit().find(({ event }) => event === 'payment_signed') ?? { event: 'nothing was signed' };
    clock.stopAt((Number(signed.validBefore) + 121) * 1000);
    await blind.app.get(ReconciliationService).resolve();
    expect(blind.audit().at(-1)).toMatchObject({ event: 'payment_reconciled', state: 'released' });
    await blind.stop();
    return blind;
  }

  /** By the clock of the world the authorization lives on; returns the transaction. */
  async function takeAfterAll(): Promise<string | undefined> {
    const header = world.seller.bodies.at(-1)?.headers['payment-signature'];
    const paymentPayload = JSON.parse(Buffer.from(String(header), 'base64').toString()) as { accepted: unknown };
    const body = JSON.stringify({ x402Version: 2, paymentPayload, paymentRequirements: paymentPayload.accepted });
    const answer = await fetch(`${world.facilitatorUrl}/settle`, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ success: true });
    expect(await anvil.left()).toBe(price);
    return (await anvil.chain.transfersFrom(world.wallet.address))[0]?.transaction;
  }

  const compare = () => proxy.app.get(ReconciliationService).compare(String(signed.day));
  const health = async () => {
    const answer = await fetch(`${proxy.url}/health`);
    return { ...((await answer.json()) as Health), status: answer.status };
  };
  const payments = () => proxy.audit().filter(({ event }) => event.startsWith('payment_'));
  const seen = () => ({ asked: world.seller.asked, sends: world.seller.paidSends });

  it('costs nothing until somebody compares', async () => {
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: 0n, unresolved: 0n, calls: 0 });
    expect((await health()).status).toBe(200);
  });

  it('is found by a comparison and booked at once, on its day, once, however many compare', async () => {
    const comparisons = await Promise.all([compare(), compare()]);
    const transfer = { transaction, amountMicroUsd: price };
    const others = { takenMicroUsd: price, notTaken: [], otherAmounts: [], foreign: [] };
    const found = [{ payment: { holdId: signed.requestId, state: 'released' }, transfer }];
    // Who reads the ledger after the other has booked it finds a payment that is there.
    const booked = [{ payment: { holdId: `${signed.requestId}-overrun`, state: 'settled' }, transfer }];
    expect(comparisons.filter((one) => one?.bookedMicroUsd === 0n)).not.toEqual([]);
    for (const one of comparisons) {
      const isFirst = one?.bookedMicroUsd === 0n;
      expect(one).toMatchObject({ ...others, matches: isFirst ? [] : booked, overruns: isFirst ? found : [] });
      expect(one?.bookedMicroUsd).toBe(isFirst ? 0n : price);
    }
    expect(await proxy.budget()).toMatchObject({ spent: price, held: 0n, unresolved: 0n, calls: 0 });
    const told = ['payment_signed', 'payment_unresolved', 'payment_reconciled', 'payment_overrun'];
    expect(payments().map(({ event }) => event)).toEqual(told);
    expect(payments().at(-1)).toMatchObject({
      requestId: `${signed.requestId}-overrun`,
      day: signed.day,
      state: 'settled',
      booked: formatUsd(price),
      receiptRef: transaction,
      nonce: signed.nonce,
      reason: `${signed.requestId} was released, and the chain says that its payment was taken`,
    });
  });

  it('stops spending: the next request is refused, and nothing goes to the seller', async () => {
    const before = [seen(), await proxy.budget()];
    for (const stream of [false, true]) {
      const { status, headers, json } = await proxy.chat({ stream });
      expect([status, json.error?.code, headers.get('x-should-retry')]).toEqual([429, 'spending_stopped', 'false']);
      expect(json.error?.message).toContain(`${signed.requestId} was released, and the chain says that its payment was taken`);
    }
    expect([seen(), await proxy.budget()]).toEqual(before);
  });

  it('is told by /health, with the reason', async () => {
    expect(await health()).toMatchObject({ status: 503, ok: false });
    expect((await health()).reasons).toEqual([expect.stringContaining(`overrun: ${signed.requestId} was released`)]);
  });

  it('keeps spending stopped over a restart', async () => {
    await proxy.stop();
    proxy = await ProxyUnderTest.start({ world, directory: proxy.directory, environment: { BLOCKRUN_RPC_URL: anvil.url.href } });
    expect((await proxy.chat()).json.error?.code).toBe('spending_stopped');
  });

  it('lets the proxy sell on once an operator has looked', async () => {
    expect(await proxy.app.get(SpendingControl).resume('the seller pays it back')).toHaveLength(1);
    expect((await health()).status).toBe(200);
    expect((await proxy.chat()).status).toBe(200);
    expect(await proxy.budget()).toMatchObject({ spent: 2n * price, held: 0n, calls: 1 });
  });

  it('is booked once, and stops spending once, when the day is compared again', async () => {
    const before = proxy.audit();
    const comparison = await compare();
    expect(comparison).toMatchObject({ overruns: [], notTaken: [], otherAmounts: [], foreign: [], matches: [{}, {}] });
    const left = await anvil.left();
    expect([comparison?.bookedMicroUsd, comparison?.takenMicroUsd, left]).toEqual([2n * price, 2n * price, 2n * price]);
    expect(proxy.audit()).toEqual(before);
    expect((await proxy.budget()).spent).toBe(2n * price);
    expect((await health()).status).toBe(200);
  });
});
