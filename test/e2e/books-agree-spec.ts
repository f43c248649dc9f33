import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { parseUsd } from '../../src/money/micro-usd.js';
import { type AuditLine, chatBody, FREE_MODEL, ProxyUnderTest } from './proxy.js';
import { until } from '../support/until.js';

const CALLS = 500;
const AT_ONCE = 20;

const FAULTS: readonly Fault[] = [
  'quote-foreign-asset',
  'quote-huge',
  'quote-jump',
  'error-429',
  'error-500',
  'paid-500',
  'paid-500-not-charged',
  'paid-drop-after-settle',
  'paid-truncated-body',
  'paid-no-receipt',
  'paid-receipt-failed',
  'stream-cut',
  'stream-error',
];

/** The n-th of the mixed calls: JSON, stream, free, refused, failed, and clients that leave. */
function mixedCall(index: number): { fields: Record<string, unknown>; leaveAfterMs?: number } {
  const stream = index % 2 === 0;
  const messages = [{ role: 'user', content: `Call ${index}: ${'word '.repeat((index * 37) % 400)}` }];
  const common = { stream, messages, max_tokens: 50 + ((index * 131) % 2000) };
  switch (index % 10) {
    case 3:
      return { fields: { ...common, model: FREE_MODEL } };
    case 4:
      return { fields: { ...common, model: 'openai/not-allowed' } };
    case 5:
    case 6:
      return { fields: { ...common, x_sandbox: { tokens: 6, fault: FAULTS[index % FAULTS.length] } } };
    case 7:
      return { fields: { ...common, x_sandbox: { tokens: 6, tokenDelayMs: 2 } }, leaveAfterMs: (index * 7) % 60 };
    default:
      return { fields: { ...common, x_sandbox: { tokens: 6 } } };
  }
}

describe('after 500 mixed calls', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let lines: AuditLine[];

  beforeAll(async () => {
    world = await startWorld({ walletMicroUsd: 50_000_000n });
    proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_DAILY_BUDGET_USD: '20', BLOCKRUN_TIMEOUT_MS: '5000' } });
    let next = 0;
    const client = async () => {
      for (let index = next++; index < CALLS; index = next++) {
        const { fields, leaveAfterMs } = mixedCall(index);
        const init = leaveAfterMs === undefined ? {} : { signal: AbortSignal.timeout(leaveAfterMs) };
        await proxy.post(chatBody(fields), init).then(
          (response) => response.text().catch(() => 'left'),
          () => 'left',
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    await until(async () => {
      const { held, unresolved } = await proxy.budget();
      return held === unresolved;
    }, 'every call to be booked');
    await world.seller.idle();
    lines = proxy.audit();
  }, 240_000);
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  const amounts = (some: AuditLine[]) => some.reduce((sum, { booked }) => sum + (parseUsd(booked ?? '') ?? 0n), 0n);

  it('the seller and the chain have seen the same payments', async () => {
    const onChain = (await world.chain?.transfersFrom(world.wallet.address)) ?? [];
    expect(onChain.length).toBeGreaterThan(200);
    const pairs = (some: readonly { nonce: string; amountMicroUsd: bigint }[]) =>
      some.map(({ nonce, amountMicroUsd }) => `${nonce} ${amountMicroUsd}`).sort();
    expect(pairs(onChain)).toEqual(pairs(world.seller.settlements));
  });

  it('what is booked as spent or unresolved covers the chain to the micro-dollar, and what is spent was taken', async () => {
    const taken = new Map<string, bigint>(
      (await world.chain?.transfersFrom(world.wallet.address))?.map(({ nonce, amountMicroUsd }) => [nonce, amountMicroUsd]),
    );
    const outcomes = lines.filter(({ state }) => state === 'settled' || state === 'unresolved');
    const settled = outcomes.filter(({ state }) => state === 'settled');
    // Everything that is booked as spent has its transfer, with exactly its amount.
    for (const { nonce, booked } of settled) expect(taken.get(nonce ?? '')).toBe(parseUsd(booked ?? ''));
    // Every transfer is booked, as spent or as unresolved, once and with exactly its amount.
    const booked = new Map(outcomes.map((line) => [line.nonce, parseUsd(line.booked ?? '')]));
    expect(booked.size).toBe(outcomes.length);
    for (const [nonce, amount] of taken) expect(booked.get(nonce)).toBe(amount);
  });

  it('ledger, audit and wallet agree', async () => {
    const { spent, unresolved } = await proxy.budget();
    expect(amounts(lines.filter(({ state }) => state === 'settled'))).toBe(spent);
    expect(amounts(lines.filter(({ state }) => state === 'unresolved'))).toBe(unresolved);
    const left = 50_000_000n - ((await world.chain?.balanceOf(world.wallet.address)) ?? 0n);
    expect(left).toBeGreaterThanOrEqual(spent);
    expect(left).toBeLessThanOrEqual(spent + unresolved);
  });

  it('every signature has its line before its outcome, and no request has two', () => {
    const signed = lines.filter(({ event }) => event === 'payment_signed');
    expect(new Set(signed.map(({ requestId }) => requestId)).size).toBe(signed.length);
    expect(signed.length).toBe(world.seller.paidSends);
    for (const { requestId, nonce } of signed) {
      const own = lines.filter((line) => line.requestId === requestId);
      expect(own).toHaveLength(2);
      expect(own[1]?.nonce).toBe(nonce);
    }
  });
});
