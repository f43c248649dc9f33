import { randomBytes } from 'node:crypto';
import { createTestClient, type Hex, http, publicActions, toHex, walletActions } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { baseAt, TRANSFER_WITH_AUTHORIZATION, USDC, USDC_DOMAIN } from '../../sandbox/base.js';
import { usdcBase } from '../../sandbox/token/usdc-base.artifact.js';
import type { World } from '../../sandbox/world.js';
import type { SignedAuthorization } from '../../src/money/authorization.js';
import { PAYEE } from './offers.js';

const TOKEN = { address: USDC, abi: usdcBase.abi } as const;

/** The sandbox's chain in the hands of a test: its time, and what happens on it without the proxy. */
export class Anvil {
  private readonly client;

  constructor(private readonly world: World) {
    const { rpcUrl } = this.chain;
    this.client = createTestClient({ mode: 'anvil', chain: baseAt(rpcUrl), transport: http(rpcUrl), pollingInterval: 10 })
      .extend(publicActions)
      .extend(walletActions);
  }

  get chain(): NonNullable<World['chain']> {
    if (!this.world.chain) throw new Error('this world has no chain');
    return this.world.chain;
  }

  /** The URL of the node, as the product is given it. */
  get url(): URL {
    return new URL(this.chain.rpcUrl);
  }

  /** The chain's own time, in epoch seconds: that of its latest block. */
  async now(): Promise<bigint> {
    return (await this.client.getBlock()).timestamp;
  }

  /** The next block has this time, and it is made at once. The chain's clock goes on from there. */
  async turnTo(seconds: bigint): Promise<void> {
    await this.client.setNextBlockTimestamp({ timestamp: seconds });
    await this.client.mine({ blocks: 1 });
  }

  async mine(blocks: number, secondsApart: number): Promise<void> {
    await this.client.mine({ blocks, interval: secondsApart });
  }

  /** Micro-USD that have left the wallet. */
  async left(): Promise<bigint> {
    return 5_000_000n - (await this.chain.balanceOf(this.world.wallet.address));
  }

  /** Has the wallet sign, and nobody take, what a seller could take within the time. */
  async sign(amountMicroUsd: bigint, validForSeconds = 300): Promise<{ authorization: SignedAuthorization; signature: Hex }> {
    const validBefore = (await this.now()) + BigInt(validForSeconds);
    const nonce = toHex(randomBytes(32));
    const account = privateKeyToAccount(this.world.wallet.privateKey);
    const signature = await account.signTypedData({
      domain: USDC_DOMAIN,
      types: TRANSFER_WITH_AUTHORIZATION,
      primaryType: 'TransferWithAuthorization',
      message: { from: account.address, to: PAYEE, value: amountMicroUsd, validAfter: 0n, validBefore, nonce },
    });
    const authorization = { network: 'eip155:8453', asset: USDC, payer: account.address, payee: PAYEE, amountMicroUsd, nonce, validBefore };
    return { authorization, signature };
  }

  /** Takes what was signed, as any seller could; returns the transaction. */
  async take({ authorization, signature }: Awaited<ReturnType<Anvil['sign']>>): Promise<Hex> {
    const { payer, payee, amountMicroUsd, validBefore, nonce } = authorization;
    const [account = PAYEE] = await this.client.getAddresses();
    const args = [payer as Hex, payee as Hex, amountMicroUsd, 0n, validBefore, nonce as Hex, signature] as const;
    const hash = await this.client.writeContract({ ...TOKEN, functionName: 'transferWithAuthorization', args, account, gas: 200_000n });
    return this.included(hash);
  }

  /** The wallet sends by itself; returns the transaction. */
  async send(amountMicroUsd: bigint): Promise<Hex> {
    const account = privateKeyToAccount(this.world.wallet.privateKey);
    await this.client.setBalance({ address: account.address, value: 10n ** 18n });
    const hash = await this.client.writeContract({
      ...TOKEN,
      functionName: 'transfer',
      args: [PAYEE, amountMicroUsd],
      account,
      gas: 200_000n,
    });
    return this.included(hash);
  }

  private async included(hash: Hex): Promise<Hex> {
    const { status } = await this.client.waitForTransactionReceipt({ hash });
    if (status !== 'success') throw new Error(`transaction ${hash} was reverted`);
    return hash;
  }
}
