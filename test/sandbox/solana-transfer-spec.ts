import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  address,
  createSolanaRpc,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  signature as toSignature,
  type Address,
  type Base64EncodedWireTransaction,
} from '@solana/kit';
import type { PaymentRequired } from '@x402/core/types';
import { SOLANA_USDC, TOKEN_PROGRAM } from '../../sandbox/solana/mainnet.js';
import { associatedTokenAccount } from '../../sandbox/solana/token-account.js';
import { startWorld, type SolanaWorld } from '../../sandbox/world.js';
import { chatBody } from './buyer.js';
import { ask } from './solana-call.js';
import { SolanaBuyer } from './solana-buyer.js';

type Rpc = ReturnType<typeof createSolanaRpc>;

/** No block is made by the clock here, so that every test knows which block is which. */
let world: SolanaWorld;
let rpc: Rpc;
let buyer: SolanaBuyer;
let wallet: Address;
let account: Address;

beforeAll(async () => {
  world = await startWorld({ network: 'solana' });
  world.solana.stopBlocks();
  rpc = createSolanaRpc(world.solana.rpcUrl);
  buyer = new SolanaBuyer(world);
  wallet = address(world.wallet.solana.address);
  account = await associatedTokenAccount(wallet);
});
afterAll(() => world.stop());

/** A payment that the facilitator has signed too. */
async function signedTransfer(amount: string): Promise<Base64EncodedWireTransaction> {
  const { accepts } = await buyer.quote(chatBody());
  const transaction = await buyer.transaction({ ...(accepts[0] as PaymentRequired['accepts'][number]), amount });
  return (await world.coSign(transaction)) as Base64EncodedWireTransaction;
}

describe('a transfer', () => {
  it('is seen at each commitment when its block is, and told as it was', async () => {
    const wire = await signedTransfer('1234');
    const id = toSignature(await rpc.sendTransaction(wire, { encoding: 'base64', preflightCommitment: 'processed' }).send());
    const status = async () => (await rpc.getSignatureStatuses([id]).send()).value[0];
    const balance = async (commitment: 'processed' | 'confirmed' | 'finalized') =>
      (await rpc.getTokenAccountBalance(account, { commitment }).send()).value.amount;
    const balances = async () => [await balance('processed'), await balance('confirmed'), await balance('finalized')];
    const history = async (commitment: 'confirmed' | 'finalized') =>
      (await rpc.getSignaturesForAddress(account, { commitment }).send()).length;
    const before = (await history('confirmed')) + 0;

    expect([await status(), await balances()]).toEqual([null, ['5000000', '5000000', '5000000']]);
    await world.solana.produceBlocks(1);
    expect(await status()).toMatchObject({ confirmationStatus: 'processed', confirmations: 0n, err: null });
    expect([await balances(), await history('confirmed')]).toEqual([['4998766', '5000000', '5000000'], before]);
    await world.solana.produceBlocks(1);
    expect(await status()).toMatchObject({ confirmationStatus: 'confirmed', confirmations: 1n });
    expect([await balances(), await history('confirmed'), await history('finalized')]).toEqual([
      ['4998766', '4998766', '5000000'],
      before + 1,
      before,
    ]);
    await world.solana.produceBlocks(31);
    expect(await status()).toMatchObject({ confirmationStatus: 'finalized', confirmations: null });
    expect([await balance('finalized'), await history('finalized')]).toEqual(['4998766', before + 1]);

    const [entry] = await rpc.getSignaturesForAddress(account, { limit: 1 }).send();
    expect(entry).toMatchObject({ signature: id, err: null, memo: null, confirmationStatus: 'finalized' });
    await isToldWhole(id, wire, entry!.slot);
    await world.solana.fund(wallet, 5_000_000n);
  });

  async function isToldWhole(id: ReturnType<typeof toSignature>, wire: string, slot: bigint): Promise<void> {
    const told = await rpc.getTransaction(id, { encoding: 'base64', maxSupportedTransactionVersion: 0 }).send();
    expect(told).toMatchObject({ slot, version: 0n, transaction: [wire, 'base64'] });
    expect(told!.blockTime).toBe(await rpc.getBlockTime(slot).send());
    const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(
      getTransactionDecoder().decode(Buffer.from(wire, 'base64')).messageBytes,
    );
    const treasury = await associatedTokenAccount(address(world.treasury));
    const of = (place: Address, owner: string, amount: string) =>
      expect.objectContaining({
        accountIndex: staticAccounts.indexOf(place),
        mint: SOLANA_USDC,
        owner,
        programId: TOKEN_PROGRAM,
        uiTokenAmount: expect.objectContaining({ amount, decimals: 6 }),
      });
    const { err, fee, preTokenBalances, postTokenBalances, preBalances, postBalances } = told!.meta!;
    expect([err, [...preTokenBalances!]]).toEqual([
      null,
      expect.arrayContaining([of(account, wallet, '5000000'), of(treasury, world.treasury, '0')]),
    ]);
    expect([...postTokenBalances!]).toEqual(expect.arrayContaining([of(account, wallet, '4998766'), of(treasury, world.treasury, '1234')]));
    // What the node computes as the fee is what the VM took.
    expect(fee).toBe(preBalances[0]! - postBalances[0]!);
    expect((await ask(world.solana.rpcUrl, 'getTransaction', id, { encoding: 'base64' })).error?.code).toBe(-32015);
    expect((await ask(world.solana.rpcUrl, 'getTransaction', id, { encoding: 'base64', commitment: 'processed' })).error?.code).toBe(
      -32602,
    );
    const json = (await ask(world.solana.rpcUrl, 'getTransaction', id, { maxSupportedTransactionVersion: 0 })).result;
    expect(json).toMatchObject({ transaction: { signatures: [id, expect.any(String)], message: { accountKeys: [...staticAccounts] } } });
  }

  it('is refused by the preflight when it was processed, when it is too old, and when it cannot pay', async () => {
    const once = await signedTransfer('1');
    await world.solana.send(once);
    await world.solana.produceBlocks(1);
    const old = await signedTransfer('2');
    const poor = await signedTransfer('999999999');
    const send = (wire: string, more: object = {}) =>
      ask(world.solana.rpcUrl, 'sendTransaction', wire, { encoding: 'base64', preflightCommitment: 'processed', ...more });
    expect((await send(once)).error).toMatchObject({
      code: -32002,
      message: 'Transaction simulation failed: This transaction has already been processed',
      data: { err: 'AlreadyProcessed', logs: [] },
    });
    expect((await send(poor)).error).toMatchObject({
      code: -32002,
      message: 'Transaction simulation failed: Error processing Instruction 2: custom program error: 0x1',
      data: { err: { InstructionError: [2, { Custom: 1 }] }, logs: expect.arrayContaining([expect.stringMatching('insufficient funds')]) },
    });
    expect((await send(old, { preflightCommitment: 'finalized' })).error).toMatchObject({ data: { err: 'BlockhashNotFound' } });
    await world.solana.produceBlocks(152);
    expect((await send(old)).error).toMatchObject({ code: -32002, message: 'Transaction simulation failed: Blockhash not found' });
    await expect(world.solana.send(old)).rejects.toThrow('Blockhash not found');
  });

  it('without a preflight is taken, and told as failed or not told at all', async () => {
    const old = await signedTransfer('3');
    await world.solana.produceBlocks(152);
    const poor = await signedTransfer('999999999');
    const send = (wire: Base64EncodedWireTransaction) => rpc.sendTransaction(wire, { encoding: 'base64', skipPreflight: true }).send();
    const ids = [await send(old), await send(poor)];
    await world.solana.produceBlocks(1);
    expect((await rpc.getSignatureStatuses(ids).send()).value).toMatchObject([null, { err: { InstructionError: [2n, { Custom: 1n }] } }]);
    expect(world.solana.transfersFrom(wallet).some(({ amountMicroUsd }) => amountMicroUsd === 3n || amountMicroUsd > 5_000_000n)).toBe(
      false,
    );
  });

  it('is refused unless everybody signed it', async () => {
    const { accepts } = await buyer.quote(chatBody());
    const half = await buyer.transaction(accepts[0]!);
    const refusal = { code: -32003, message: 'Transaction signature verification failure' };
    expect((await ask(world.solana.rpcUrl, 'sendTransaction', half, { encoding: 'base64', skipPreflight: true })).error).toEqual(refusal);
    const simulate = (sigVerify: boolean) =>
      ask(world.solana.rpcUrl, 'simulateTransaction', half, { encoding: 'base64', commitment: 'processed', sigVerify });
    expect((await simulate(false)).result).toMatchObject({ value: { err: null } });
    expect((await simulate(true)).error).toEqual(refusal);
  });

  it('waits while no blocks are made, and is lost where the node loses it', async () => {
    const [waits, lost] = [await signedTransfer('4'), await signedTransfer('5')];
    const id = await world.solana.send(waits);
    world.solana.losesTransactions = true;
    await world.solana.send(lost);
    world.solana.losesTransactions = false;
    expect(world.solana.transfersFrom(wallet).at(-1)?.transaction).not.toBe(id);
    await world.solana.produceBlocks(2);
    expect(world.solana.transfersFrom(wallet).at(-1)).toMatchObject({ transaction: id, amountMicroUsd: 4n, to: world.treasury });
  });

  it('is one of many: more than one process of the VM can run, in pages and in order', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 70; at += 1) ids.push(await world.solana.send(await signedTransfer(String(10 + at))));
    await world.solana.produceBlocks(33);
    const newestFirst = ids.toReversed();
    const page = async (settings: object) =>
      (await rpc.getSignaturesForAddress(account, settings).send()).map(({ signature }) => signature as string);
    expect((await page({})).slice(0, 70)).toEqual(newestFirst);
    const first = await page({ limit: 25 });
    expect(first).toEqual(newestFirst.slice(0, 25));
    expect(await page({ limit: 25, before: first.at(-1) })).toEqual(newestFirst.slice(25, 50));
    expect(await page({ until: newestFirst[10] })).toEqual(newestFirst.slice(0, 10));
    expect((await ask(world.solana.rpcUrl, 'getSignaturesForAddress', account, { limit: 1001 })).error?.code).toBe(-32602);
    expect((await ask(world.solana.rpcUrl, 'getSignaturesForAddress', account, { commitment: 'processed' })).error?.code).toBe(-32602);
  });
});
