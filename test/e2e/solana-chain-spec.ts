import { createKeyPairSignerFromPrivateKeyBytes, createSolanaRpc, getBase58Encoder, type KeyPairSigner } from '@solana/kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type SolanaWorld, startWorld } from '../../sandbox/world.js';
import type { SignedAuthorization } from '../../src/money/authorization.js';
import { SOLANA_USDC } from '../../src/money/usdc.js';
import { nonceOf, readTransaction } from '../../src/payment/solana/wire-transaction.js';
import { SolanaChain } from '../../src/reconciliation/solana.chain.js';
import { nonceOfSignature } from '../support/solana-offers.js';
import { StubNode } from '../support/stub-node.js';
import { signedTransaction } from '../support/solana-transactions.js';

/** The wallet pays its own fee here, so that what it signs can be sent without a facilitator. */
describe('what Solana says of payments', () => {
  let world: SolanaWorld;
  let chain: SolanaChain;
  let wallet: KeyPairSigner;

  beforeAll(async () => {
    world = await startWorld({ network: 'solana' });
    world.solana.stopBlocks();
    chain = new SolanaChain(new URL(world.solana.rpcUrl));
    wallet = await createKeyPairSignerFromPrivateKeyBytes(getBase58Encoder().encode(world.wallet.solana.privateKey));
    await world.solana.fundSol(wallet.address, 1n);
  });
  afterAll(() => world.stop());

  const nonceIn = (transaction: string) => {
    const wire = readTransaction(transaction);
    return (wire && nonceOf(wallet.address, wire)) ?? '';
  };
  const rpc = () => createSolanaRpc(world.solana.rpcUrl);
  const sign = async (amount: bigint) => {
    const { blockhash, lastValidBlockHeight } = (await rpc().getLatestBlockhash().send()).value;
    const transaction = await signedTransaction({ signer: wallet, payee: world.treasury, amount, feePayer: wallet.address, blockhash });
    const authorization: SignedAuthorization = {
      network: SOLANA_USDC.network,
      asset: SOLANA_USDC.asset,
      payer: wallet.address,
      payee: world.treasury,
      amountMicroUsd: amount,
      nonce: nonceIn(transaction),
      validBefore: BigInt(Math.floor(Date.now() / 1000) + 600),
      lastValidBlockHeight,
    };
    return { transaction, authorization };
  };
  const sendBlindly = (transaction: string) =>
    rpc()
      .sendTransaction(transaction as Parameters<ReturnType<typeof createSolanaRpc>['sendTransaction']>[0], {
        encoding: 'base64',
        skipPreflight: true,
      })
      .send();

  it('one in a final block was used, under the id of its transaction; before that it can still go either way', async () => {
    const { transaction, authorization } = await sign(1000n);
    expect(await chain.useOf(authorization)).toEqual({ kind: 'open' });
    const id = await world.solana.send(transaction);
    await world.solana.produceBlocks(2);
    expect(await chain.useOf(authorization)).toEqual({ kind: 'open' });
    await world.solana.produceBlocks(32);
    expect(await chain.useOf(authorization)).toEqual({ kind: 'used', transaction: id });
  });

  it('one that failed in its block took nothing', async () => {
    const { transaction, authorization } = await sign(50_000_000n);
    const id = await sendBlindly(transaction);
    await world.solana.produceBlocks(40);
    expect(await chain.useOf(authorization)).toEqual({ kind: 'void', reason: `its transaction failed and took nothing (${id})` });
  });

  it('two of other amounts are told apart', async () => {
    const [one, other] = [await sign(11n), await sign(12n)];
    await world.solana.send(other.transaction);
    await world.solana.produceBlocks(40);
    expect([(await chain.useOf(one.authorization)).kind, (await chain.useOf(other.authorization)).kind]).toEqual(['open', 'used']);
  });

  it('what left the wallet is told with its receiver, oldest first, and the balance is what is left', async () => {
    const { transaction } = await sign(7n);
    await world.solana.send(transaction);
    await world.solana.produceBlocks(40);
    const [from, to] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
    const transfers = await chain.transfersFrom(wallet.address, { from, to });
    expect(transfers.map(({ amountMicroUsd, payee }) => [amountMicroUsd, payee])).toEqual([
      [1000n, world.treasury],
      [12n, world.treasury],
      [7n, world.treasury],
    ]);
    expect(transfers.map(({ transaction: id, nonce }) => ({ transaction: id, nonce }))).toEqual(
      world.solana
        .transfersFrom(wallet.address)
        .map(({ transaction: id, signature }) => ({ transaction: id, nonce: nonceOfSignature(signature) })),
    );
    expect(await chain.transfersFrom(wallet.address, { from: to, to: new Date(to.getTime() + 1000) })).toEqual([]);
    expect(await chain.transfersFrom(world.treasury, { from, to })).toEqual([]);
    expect(await chain.balanceOf(wallet.address)).toBe(5_000_000n - 1019n);
    expect(await chain.balanceOf(world.feePayer)).toBe(0n);
  });

  it('a transaction that was read once is not asked for again', async () => {
    const asked = () => world.solana.calls.filter(({ method }) => method === 'getTransaction').length;
    const { authorization } = await sign(13n);
    await chain.useOf(authorization);
    const before = asked();
    await chain.useOf(authorization);
    expect(asked()).toBe(before);
  });
});

describe('a node of Solana', () => {
  const GENESIS = SOLANA_USDC.genesisHash;
  let node: StubNode;
  afterEach(() => node.stop());

  it('of another network is refused', async () => {
    node = await StubNode.start({ getGenesisHash: () => 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' });
    const asked = new SolanaChain(node.url).balanceOf(SOLANA_USDC.asset);
    await expect(asked).rejects.toMatchObject({ code: 'chain_unavailable', message: expect.stringContaining('another network') });
  });

  it('that lists a transaction and does not have it has not told that it is not there', async () => {
    node = await StubNode.start({
      getGenesisHash: () => GENESIS,
      getEpochInfo: () => ({ absoluteSlot: 500, blockHeight: 400, epoch: 1, slotIndex: 1, slotsInEpoch: 432_000, transactionCount: 1 }),
      getFirstAvailableBlock: () => 0,
      getBlockTime: () => 0,
      getSignaturesForAddress: () => [
        {
          signature: '1'.repeat(64),
          slot: 499,
          blockTime: Math.floor(Date.now() / 1000),
          err: null,
          memo: null,
          confirmationStatus: 'finalized',
        },
      ],
      getTransaction: () => null,
    });
    const use = new SolanaChain(node.url).useOf({
      network: SOLANA_USDC.network,
      asset: SOLANA_USDC.asset,
      payer: SOLANA_USDC.asset,
      payee: SOLANA_USDC.asset,
      amountMicroUsd: 1n,
      nonce: '1',
      validBefore: BigInt(Math.floor(Date.now() / 1000)),
      lastValidBlockHeight: 1n,
    });
    await expect(use).rejects.toMatchObject({ code: 'chain_unavailable', message: expect.stringContaining('does not have it') });
    expect(node.paramsOf('getSignaturesForAddress')[0]?.[1]).toMatchObject({ minContextSlot: 500 });
  });
});
