import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { RpcChain } from '../../src/reconciliation/rpc.chain.js';
import { Anvil } from '../support/anvil.js';
import { PAYEE } from '../support/offers.js';

const HOUR = 3600n;

/** The time from one second of the chain (included) up to another. */
const between = (from: bigint, to: bigint) => ({ from: new Date(Number(from) * 1000), to: new Date(Number(to) * 1000) });

describe('a real chain', () => {
  let world: World;
  let anvil: Anvil;
  let chain: RpcChain;
  let start: bigint;

  beforeEach(async () => {
    world = await startWorld();
    anvil = new Anvil(world);
    chain = new RpcChain(anvil.url);
    start = await anvil.now();
  });
  afterEach(() => world.stop());

  /** Has a payment taken, and tells what of it is on the chain. */
  const taken = async (amountMicroUsd: bigint) => {
    const signed = await anvil.sign(amountMicroUsd);
    const transaction = await anvil.take(signed);
    const at = await anvil.now();
    const { nonce } = signed.authorization;
    return { signed, seconds: at, transfer: { transaction, payee: PAYEE, amountMicroUsd, nonce, at: new Date(Number(at) * 1000) } };
  };

  it('says that an authorization was used, and in which transaction', async () => {
    const [other, { signed, transfer }] = [await taken(7n), await taken(2600n)];
    expect(await chain.useOf(signed.authorization)).toEqual({ kind: 'used', transaction: transfer.transaction });
    expect(await chain.useOf(other.signed.authorization)).toEqual({ kind: 'used', transaction: other.transfer.transaction });
  });

  it('says that an authorization was not used, by its own time', async () => {
    const { authorization } = await anvil.sign(2600n);
    await taken(7n);
    expect(await chain.useOf(authorization)).toEqual({ kind: 'unused', asOf: await anvil.now() });
    await anvil.turnTo(authorization.validBefore + 121n);
    expect(await chain.useOf(authorization)).toEqual({ kind: 'unused', asOf: authorization.validBefore + 121n });
  });

  it('says it also days and many blocks later', async () => {
    const { signed, transfer } = await taken(2600n);
    await anvil.mine(150, 2);
    await anvil.turnTo(start + 240n * HOUR);
    expect(await chain.useOf(signed.authorization)).toEqual({ kind: 'used', transaction: transfer.transaction });
  });

  it('tells the same transfers as the sandbox, oldest first', async () => {
    for (const amount of [2600n, 1n, 49_999n]) await taken(amount);
    const transfers = await chain.transfersFrom(world.wallet.address, between(start, start + HOUR));
    const told = await anvil.chain.transfersFrom(world.wallet.address);
    expect(told.map(({ amountMicroUsd }) => amountMicroUsd)).toEqual([2600n, 1n, 49_999n]);
    expect(transfers.map(({ payee, amountMicroUsd, transaction, nonce }) => ({ to: payee, amountMicroUsd, transaction, nonce }))).toEqual(
      told,
    );
  });

  it('tells nothing of what left other wallets', async () => {
    await taken(2600n);
    expect(await chain.transfersFrom(world.treasury, between(start, start + HOUR))).toEqual([]);
  });

  it('tells what the wallet sent by itself as such', async () => {
    const transaction = await anvil.send(2600n);
    const transfers = await chain.transfersFrom(world.wallet.address, between(start, start + HOUR));
    expect(transfers).toMatchObject([{ transaction, payee: PAYEE, amountMicroUsd: 2600n, nonce: undefined }]);
  });

  it('tells exactly what left within a time, over jumps of its clock and many blocks', async () => {
    const first = await taken(1n);
    await anvil.turnTo(start + 24n * HOUR);
    const second = await taken(2n);
    await anvil.turnTo(start + 25n * HOUR);
    const third = await taken(3n);
    await anvil.mine(150, 2);
    const fourth = await taken(4n);
    await anvil.turnTo(start + 9000n * HOUR);
    const fifth = await taken(5n);
    const within = async (from: bigint, to: bigint) => chain.transfersFrom(world.wallet.address, between(from, to));
    const all = [first, second, third, fourth, fifth].map(({ transfer }) => transfer);
    expect(await within(start, fifth.seconds + 1n)).toEqual(all);
    expect(await within(0n, fifth.seconds + HOUR)).toEqual(all);
    // The first second belongs to the time, its end does not.
    expect(await within(second.seconds, fifth.seconds)).toEqual(all.slice(1, 4));
    expect(await within(second.seconds + 1n, fourth.seconds + 1n)).toEqual(all.slice(2, 4));
    expect(await within(start + 23n * HOUR, start + 24n * HOUR)).toEqual([]);
    expect(await within(first.seconds, first.seconds + 1n)).toEqual(all.slice(0, 1));
    expect(await within(fifth.seconds + 1n, fifth.seconds + HOUR)).toEqual([]);
  });
});
