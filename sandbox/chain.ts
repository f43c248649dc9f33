import { createTestClient, encodeAbiParameters, getAddress, http, keccak256, pad, parseAbiItem, publicActions, toHex } from 'viem';
import type { Address, Hex } from 'viem';
import { startAnvil } from './anvil.process.js';
import { baseAt, USDC } from './base.js';
import { usdcBase } from './token/usdc-base.artifact.js';

/** One payment as the chain tells it: the USDC moved and the authorization that was used up in the same transaction. */
export interface ChainTransfer {
  readonly to: Address;
  readonly amountMicroUsd: bigint;
  readonly transaction: Hex;
  readonly nonce: Hex;
}

export interface Chain {
  readonly rpcUrl: string;
  /** Sets the balance, whatever it was. */
  fund(address: Address, microUsd: bigint): Promise<void>;
  balanceOf(address: string): Promise<bigint>;
  isAuthorizationUsed(payer: Address, nonce: Hex): Promise<boolean>;
  /** Payments of this address by signed authorization, oldest first. */
  transfersFrom(address: Address): Promise<ChainTransfer[]>;
  /** Lets the chain's own clock run ahead. What is signed by this machine's clock afterwards has run out already. */
  passTime(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

const TRANSFER = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)');
const AUTHORIZATION_USED = parseAbiItem('event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)');

export async function startChain(options: { port?: number } = {}): Promise<Chain> {
  const anvil = await startAnvil(options.port);
  const client = createTestClient({ mode: 'anvil', chain: baseAt(anvil.rpcUrl), transport: http(anvil.rpcUrl) }).extend(publicActions);
  const token = { address: USDC, abi: usdcBase.abi } as const;

  await client.setCode({ address: USDC, bytecode: usdcBase.runtime });
  // Before the first block, a call at "latest" sees the time 0 and every authorization is "not yet valid".
  await client.mine({ blocks: 1 });

  return {
    rpcUrl: anvil.rpcUrl,
    async fund(address, microUsd) {
      const value = pad(toHex(microUsd), { size: 32 });
      await client.setStorageAt({ address: USDC, index: balanceSlot(address), value });
    },
    balanceOf: (address) => client.readContract({ ...token, functionName: 'balanceOf', args: [getAddress(address)] }),
    isAuthorizationUsed: (payer, nonce) => client.readContract({ ...token, functionName: 'authorizationState', args: [payer, nonce] }),
    async transfersFrom(address) {
      const wholeChain = { address: USDC, fromBlock: 0n, strict: true } as const;
      const [moved, used] = await Promise.all([
        client.getLogs({ ...wholeChain, event: TRANSFER, args: { from: address } }),
        client.getLogs({ ...wholeChain, event: AUTHORIZATION_USED, args: { authorizer: address } }),
      ]);
      const nonces = new Map(used.map(({ transactionHash, args }) => [transactionHash, args.nonce]));
      return moved.flatMap(({ transactionHash, args }) => {
        const nonce = nonces.get(transactionHash);
        return nonce === undefined ? [] : [{ to: args.to, amountMicroUsd: args.value, transaction: transactionHash, nonce }];
      });
    },
    async passTime(seconds) {
      await client.increaseTime({ seconds });
      await client.mine({ blocks: 1 });
    },
    stop: () => anvil.stop(),
  };
}

function balanceSlot(address: Address): Hex {
  const place = [address, BigInt(usdcBase.slots.balanceOf)] as const;
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], place));
}
