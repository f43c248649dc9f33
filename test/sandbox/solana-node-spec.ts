import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { address, createSolanaRpc, type Address } from '@solana/kit';
import { SOLANA_USDC, TOKEN_PROGRAM } from '../../sandbox/solana/mainnet.js';
import { associatedTokenAccount } from '../../sandbox/solana/token-account.js';
import { startWorld, type SolanaWorld } from '../../sandbox/world.js';
import { ask, post } from './solana-call.js';

/** No block is made by the clock here, so that every test knows which block is which. */
let world: SolanaWorld;
let rpc: ReturnType<typeof createSolanaRpc>;
let wallet: Address;
let account: Address;

beforeAll(async () => {
  world = await startWorld({ network: 'solana' });
  world.solana.stopBlocks();
  rpc = createSolanaRpc(world.solana.rpcUrl);
  wallet = address(world.wallet.solana.address);
  account = await associatedTokenAccount(wallet);
});
afterAll(() => world.stop());

describe('the node and its blocks', () => {
  it('is mainnet, and is in good health', async () => {
    expect(await rpc.getGenesisHash().send()).toBe('5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d');
    expect(await rpc.getHealth().send()).toBe('ok');
  });

  it('has confirmed one block behind the newest and finalized 32 behind it', async () => {
    const heights = () =>
      Promise.all((['processed', 'confirmed', 'finalized'] as const).map((commitment) => rpc.getBlockHeight({ commitment }).send()));
    const [processed, confirmed, finalized] = await heights();
    expect([processed! - confirmed!, processed! - finalized!]).toEqual([1n, 32n]);
    await world.solana.produceBlocks(3);
    expect(await heights()).toEqual([processed! + 3n, confirmed! + 3n, finalized! + 3n]);
    const [slot, height] = [await rpc.getSlot({ commitment: 'processed' }).send(), (await heights())[0]!];
    expect(slot).toBeGreaterThan(height);
    expect(await rpc.getEpochInfo({ commitment: 'processed' }).send()).toMatchObject({ absoluteSlot: slot, blockHeight: height });
  });

  it('takes finalized where no commitment is said', async () => {
    const { context, value } = (await ask(world.solana.rpcUrl, 'getLatestBlockhash')).result as {
      context: object;
      value: { lastValidBlockHeight: number };
    };
    const height = Number(await rpc.getBlockHeight({ commitment: 'finalized' }).send());
    expect(value).toEqual({ blockhash: expect.any(String), lastValidBlockHeight: height + 150 });
    expect(context).toMatchObject({ slot: Number(await rpc.getSlot({ commitment: 'finalized' }).send()) });
  });

  it('has a blockhash valid until the last height that was told with it, and not before the commitment has it', async () => {
    const { value: latest } = await rpc.getLatestBlockhash({ commitment: 'processed' }).send();
    const isValid = async (commitment: 'processed' | 'finalized') =>
      (await rpc.isBlockhashValid(latest.blockhash, { commitment }).send()).value;
    expect([await isValid('processed'), await isValid('finalized')]).toEqual([true, false]);
    await world.solana.produceBlocks(150);
    expect(await rpc.getBlockHeight({ commitment: 'processed' }).send()).toBe(latest.lastValidBlockHeight);
    expect([await isValid('processed'), await isValid('finalized')]).toEqual([true, true]);
    await world.solana.produceBlocks(1);
    expect([await isValid('processed'), await isValid('finalized')]).toEqual([false, true]);
  });

  it('tells the time of a block, and that a slot was skipped or is not final yet', async () => {
    const finalized = await rpc.getSlot({ commitment: 'finalized' }).send();
    const time = Number(await rpc.getBlockTime(finalized).send());
    expect(Math.abs(time - Date.now() / 1000)).toBeLessThan(120);
    await expect(rpc.getBlockTime(finalized + 40n).send()).rejects.toMatchObject({ context: { __code: -32004 } });
    const around = await Promise.all(
      Array.from({ length: 25 }, (_, back) => ask(world.solana.rpcUrl, 'getBlockTime', Number(finalized) - back)),
    );
    expect(around.filter(({ error }) => error?.code === -32009)).not.toHaveLength(0);
  });

  it('lets its clock run ahead', async () => {
    const slot = async () => rpc.getSlot({ commitment: 'finalized' }).send();
    await world.solana.passTime(3_600);
    await world.solana.produceBlocks(32);
    expect(Number(await rpc.getBlockTime(await slot()).send()) - Date.now() / 1000).toBeGreaterThan(3_500);
    await world.solana.passTime(-3_600);
  });
});

describe('accounts', () => {
  it('tell USDC as a mint with six decimals, and a balance in all its forms', async () => {
    const { value: mint } = await rpc.getAccountInfo(SOLANA_USDC, { encoding: 'base64' }).send();
    expect(mint).toMatchObject({ owner: TOKEN_PROGRAM, executable: false, space: 82n });
    expect(Buffer.from(mint!.data[0], 'base64')[44]).toBe(6);
    const { value: balance } = await rpc.getTokenAccountBalance(account).send();
    expect(balance).toEqual({ amount: '5000000', decimals: 6, uiAmount: 5, uiAmountString: '5' });
    const { value } = await rpc.getMultipleAccounts([account, wallet], { encoding: 'base64' }).send();
    expect(value).toMatchObject([{ owner: TOKEN_PROGRAM, space: 165n }, null]);
    expect((await rpc.getBalance(address(world.feePayer)).send()).value).toBe(1_000_000_000_000n);
  });

  it('that are none are null, and have no token balance', async () => {
    expect((await rpc.getAccountInfo(wallet, { encoding: 'base64' }).send()).value).toBeNull();
    expect((await ask(world.solana.rpcUrl, 'getTokenAccountBalance', wallet)).error).toEqual({
      code: -32602,
      message: 'Invalid param: could not find account',
    });
    expect((await ask(world.solana.rpcUrl, 'getTokenAccountBalance', SOLANA_USDC)).error).toEqual({
      code: -32602,
      message: 'Invalid param: not a Token account',
    });
  });
});

describe('the JSON-RPC of the node', () => {
  it('says what is wrong with a call', async () => {
    expect((await ask(world.solana.rpcUrl, 'getNothing')).error).toEqual({ code: -32601, message: 'Method not found' });
    expect((await ask(world.solana.rpcUrl, 'constructor')).error?.code).toBe(-32601);
    expect((await ask(world.solana.rpcUrl, 'getAccountInfo', 'not base58!', { encoding: 'base64' })).error?.code).toBe(-32602);
    expect((await ask(world.solana.rpcUrl, 'sendTransaction', 'AAAA', { encoding: 'base64' })).error?.code).toBe(-32602);
    expect((await post(world.solana.rpcUrl, '{')).error?.code).toBe(-32700);
    expect((await post(world.solana.rpcUrl, null)).error?.code).toBe(-32600);
    expect(await post(world.solana.rpcUrl, [{ jsonrpc: '2.0', id: 7, method: 'getHealth' }])).toEqual([
      { jsonrpc: '2.0', id: 7, result: 'ok' },
    ]);
  });

  it('fails as a node does that is gone', async () => {
    const call = (timeoutMs = 5_000) =>
      fetch(world.solana.rpcUrl, { method: 'POST', body: '{}', signal: AbortSignal.timeout(timeoutMs) }).then(({ status }) => status);
    world.solana.fail = 'error';
    expect(await call()).toBe(500);
    world.solana.fail = 'rate-limited';
    expect(await call()).toBe(429);
    world.solana.fail = 'closed';
    await expect(call()).rejects.toThrow('fetch failed');
    world.solana.fail = 'hang';
    await expect(call(100)).rejects.toThrow('timeout');
    const hanging = call();
    await new Promise((resolve) => setTimeout(resolve, 50));
    world.solana.fail = undefined;
    await expect(hanging).rejects.toThrow('fetch failed');
    expect(await call()).toBe(200);
  });
});
