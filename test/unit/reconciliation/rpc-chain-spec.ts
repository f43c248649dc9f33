import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Hex } from 'viem';
import { BASE_USDC } from '../../../src/money/usdc.js';
import { RpcChain } from '../../../src/reconciliation/rpc.chain.js';
import { authorization, TEST_PAYER, USDC } from '../../support/offers.js';
import { StubBase, transactionOf } from '../../support/stub-base.js';
import { StubNode } from '../../support/stub-node.js';

const nonceOf = (number: number) => authorization(1n, number).nonce as Hex;

describe('a node of Base', () => {
  /** As many blocks as Base has in the summer of 2026. */
  const LATEST = 50_000_000n;
  let base: StubBase;
  let chain: RpcChain;

  beforeEach(async () => {
    base = await StubBase.start(LATEST);
    chain = new RpcChain(base.node.url);
  });
  afterEach(() => base.node.stop());

  /** An authorization that was signed in the given block, for five minutes. */
  const signedIn = (block: bigint) => ({ ...authorization(1000n), validBefore: base.timeOf(block) + 300n });
  const SIGNED_IN = 40_000_000n;

  it('tells that an authorization was not used, as of its latest block, and asks for no logs', async () => {
    expect(await chain.useOf(signedIn(SIGNED_IN))).toEqual({ kind: 'unused', asOf: base.timeOf(LATEST) });
    expect(base.rangesAsked()).toEqual([]);
  });

  // Guards against a node that has moved on: "not used" would be true of an earlier block than the one whose time is the proof.
  it('is asked about the very block whose time it gave', async () => {
    await chain.useOf(signedIn(SIGNED_IN));
    expect(base.node.paramsOf('eth_call').map(([, block]) => block)).toEqual([`0x${LATEST.toString(16)}`]);
  });

  it.each([
    ['in the block in which it was signed', SIGNED_IN],
    ['in the last block in which it could be used', SIGNED_IN + 149n],
  ])('tells with which transaction an authorization was used %s', async (_when, block) => {
    base.isUsed = true;
    base.take(block, nonceOf(1), 1000n);
    expect(await chain.useOf(signedIn(SIGNED_IN))).toEqual({ kind: 'used', transaction: transactionOf(block) });
  });

  // Guards against looking around the time at which recovery found the payment: a crash may be months before the next start.
  it('finds a transaction of months ago with a few dozen questions', async () => {
    base.isUsed = true;
    base.take(1_000_000n, nonceOf(1), 1000n);
    expect(await chain.useOf(signedIn(1_000_000n))).toEqual({ kind: 'used', transaction: transactionOf(1_000_000n) });
    expect(base.node.asked.length).toBeLessThan(120);
    expect(base.rangesAsked()).toHaveLength(1);
  });

  it('tells that the wallet has canceled an authorization', async () => {
    base.isUsed = true;
    base.note(SIGNED_IN + 5n, 'AuthorizationCanceled', { authorizer: TEST_PAYER, nonce: nonceOf(1) });
    expect(await chain.useOf(signedIn(SIGNED_IN))).toEqual({
      kind: 'void',
      reason: `the wallet canceled the authorization (${transactionOf(SIGNED_IN + 5n)})`,
    });
  });

  it('takes an authorization for used when its event is not to be found', async () => {
    base.isUsed = true;
    base.take(SIGNED_IN, nonceOf(2), 1000n);
    expect(await chain.useOf(signedIn(SIGNED_IN))).toEqual({ kind: 'used', transaction: undefined });
  });

  it('finds a nonce that was signed in capitals', async () => {
    base.isUsed = true;
    const nonce = nonceOf(0xabcdef);
    base.take(SIGNED_IN, nonce, 1000n);
    const loud = { ...signedIn(SIGNED_IN), nonce: `0x${nonce.slice(2).toUpperCase()}` };
    expect(await chain.useOf(loud)).toEqual({ kind: 'used', transaction: transactionOf(SIGNED_IN) });
  });

  it('tells what left the wallet within a time, its first second included and its end not', async () => {
    const [from, to] = ['2026-06-06T00:00:00.000Z', '2026-06-06T00:00:10.000Z'];
    const first = base.blockAt(from);
    for (let number = -1; number <= 5; number += 1) base.take(first + BigInt(number), nonceOf(number + 10), 100n + BigInt(number));
    const transfers = await chain.transfersFrom(TEST_PAYER, { from: new Date(from), to: new Date(to) });
    expect(transfers).toEqual(
      [0, 1, 2, 3, 4].map((number) => ({
        transaction: transactionOf(first + BigInt(number)),
        payee: USDC,
        amountMicroUsd: 100n + BigInt(number),
        nonce: nonceOf(number + 10),
        at: new Date(Date.parse(from) + number * 2000),
      })),
    );
  });

  it('tells a transfer that the wallet sent by itself from one by authorization', async () => {
    const block = base.blockAt('2026-06-06T12:00:00.000Z');
    base.take(block, nonceOf(1), 1n);
    base.transfer(block, 2n);
    base.transfer(block + 1n, 3n);
    base.take(block + 1n, nonceOf(2), 4n);
    const day = { from: new Date('2026-06-06T00:00:00.000Z'), to: new Date('2026-06-07T00:00:00.000Z') };
    expect((await chain.transfersFrom(TEST_PAYER, day)).map(({ amountMicroUsd, nonce }) => [amountMicroUsd, nonce])).toEqual([
      [1n, nonceOf(1)],
      [2n, undefined],
      [3n, undefined],
      [4n, nonceOf(2)],
    ]);
  });

  it('does not take the transfer of one transaction for that of the authorization of another', async () => {
    const block = base.blockAt('2026-06-06T12:00:00.000Z');
    base.note(block, 'AuthorizationUsed', { authorizer: TEST_PAYER, nonce: nonceOf(1) });
    base.transfer(block + 1n, 2n);
    const day = { from: new Date('2026-06-06T00:00:00.000Z'), to: new Date('2026-06-07T00:00:00.000Z') };
    expect(await chain.transfersFrom(TEST_PAYER, day)).toMatchObject([{ amountMicroUsd: 2n, nonce: undefined }]);
  });

  it('is asked for at most 2000 blocks at once, with no block twice and none left out', async () => {
    const [from, to] = ['2026-06-06T00:00:00.000Z', '2026-06-07T00:00:00.000Z'];
    await chain.transfersFrom(TEST_PAYER, { from: new Date(from), to: new Date(to) });
    const ranges = base.rangesAsked();
    expect(ranges).toHaveLength(22);
    expect([ranges[0]?.first, ranges.at(-1)?.last]).toEqual([base.blockAt(from), base.blockAt(to) - 1n]);
    for (const [index, { first, last }] of ranges.entries()) {
      expect(last - first + 1n <= 2000n).toBe(true);
      if (index > 0) expect(first).toBe(ranges[index - 1]!.last + 1n);
    }
  });

  it.each([
    ['before its first block', '1990-01-01T00:00:00.000Z', '1990-01-02T00:00:00.000Z'],
    ['that lies ahead', '2090-01-01T00:00:00.000Z', '2090-01-02T00:00:00.000Z'],
  ])('knows of nothing in a time %s', async (_when, from, to) => {
    expect(await chain.transfersFrom(TEST_PAYER, { from: new Date(from), to: new Date(to) })).toEqual([]);
  });

  it('is asked once which chain it is of', async () => {
    await Promise.all([chain.useOf(signedIn(SIGNED_IN)), chain.useOf(signedIn(SIGNED_IN))]);
    await chain.useOf(signedIn(SIGNED_IN));
    expect(base.node.paramsOf('eth_chainId')).toHaveLength(1);
  });
});

describe('a node that gives no answer that can be used', () => {
  let node: StubNode;
  afterEach(() => node.stop());

  const wallet = authorization(1000n);
  const refusal = async (chain: RpcChain): Promise<string> => {
    const questions = [chain.useOf(wallet), chain.transfersFrom(wallet.payer, { from: new Date(0), to: new Date(1000) })];
    const [error, other] = await Promise.allSettled(questions);
    expect([error, other]).toMatchObject([{ reason: { code: 'chain_unavailable' } }, { reason: { code: 'chain_unavailable' } }]);
    const { reason } = error as PromiseRejectedResult;
    for (const secret of ['secret-key', '127.0.0.1', wallet.nonce]) expect(inspect(reason, { depth: 10 })).not.toContain(secret);
    return (reason as Error).message;
  };

  it('since it is of another chain is refused, and told so', async () => {
    node = await StubNode.start({ eth_chainId: () => '0x1' });
    expect(await refusal(new RpcChain(node.url))).toBe('BLOCKRUN_RPC_URL is a node of chain 1, not of Base (8453).');
    expect(new Set(node.asked.map(({ method }) => method))).toEqual(new Set(['eth_chainId']));
  });

  it('since it is not there is told without its URL', async () => {
    node = await StubNode.start({});
    const { url } = node;
    await node.stop();
    expect(await refusal(new RpcChain(url))).toMatch(/^The node of BLOCKRUN_RPC_URL gives no answer that can be used \(.+\)\.$/);
  });

  it('since it fails is told without its URL', async () => {
    node = await StubNode.start({ eth_chainId: () => '0x2105' });
    expect(await refusal(new RpcChain(node.url))).toContain('The node of BLOCKRUN_RPC_URL gives no answer that can be used');
  });

  it.each<[string, unknown]>([
    ['no block', null],
    ['a text', 'what?'],
    ['an empty object', {}],
  ])('since it answers a question for a block with %s proves nothing', async (_what, block) => {
    node = await StubNode.start({
      eth_chainId: () => '0x2105',
      eth_getBlockByNumber: () => block,
      eth_call: () => '0x',
      eth_getLogs: () => [],
    });
    await refusal(new RpcChain(node.url));
  });

  it('since the token is not there proves nothing', async () => {
    const block = { number: '0x10', timestamp: '0x77359400', transactions: [] };
    node = await StubNode.start({ eth_chainId: () => '0x2105', eth_getBlockByNumber: () => block, eth_call: () => '0x' });
    await expect(new RpcChain(node.url).useOf(wallet)).rejects.toMatchObject({ code: 'chain_unavailable' });
  });

  it('is asked again, and believed once it is of Base', async () => {
    node = await StubNode.start({ eth_chainId: () => '0x1' });
    const chain = new RpcChain(node.url);
    await refusal(chain);
    const block = { number: '0x10', timestamp: '0x77359400', transactions: [] };
    Object.assign(node.answers, { eth_chainId: () => `0x${BASE_USDC.chainId.toString(16)}`, eth_getBlockByNumber: () => block });
    Object.assign(node.answers, { eth_call: () => `0x${'0'.repeat(64)}` });
    expect(await chain.useOf(wallet)).toEqual({ kind: 'unused', asOf: 2_000_000_000n });
  });
});
