import type { Address, Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { BlockRunStandIn } from './block-run-stand-in.js';
import { startChain, type Chain } from './chain.js';
import { startFacilitator } from './facilitator.js';
import { startSignatureOnlyFacilitator } from './signature-only-facilitator.js';

export interface WorldOptions {
  /** 'none' verifies signatures only, and nothing is ever settled. */
  readonly chain?: 'anvil' | 'none';
  readonly walletMicroUsd?: bigint;
  readonly onProgress?: (line: string) => void;
}

export interface World {
  readonly chain?: Chain;
  readonly facilitatorUrl: string;
  readonly seller: BlockRunStandIn;
  /** Fresh in every world, and worth nothing outside it. */
  readonly wallet: { readonly address: Address; readonly privateKey: Hex };
  readonly treasury: Address;
  /** Leaves no process and no open handle behind; calling it again is harmless. */
  stop(): Promise<void>;
}

const FUNDING_MICRO_USD = 5_000_000n;

/** A chain, a facilitator, a seller and a funded wallet, all on this machine. What was started is stopped again if a later part fails. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { walletMicroUsd = FUNDING_MICRO_USD, onProgress = () => undefined } = options;
  const parts: { stop(): Promise<void> }[] = [];
  const started = <Part extends { stop(): Promise<void> }>(part: Part, line: string): Part => {
    parts.unshift(part);
    onProgress(line);
    return part;
  };
  // Last started, first stopped: a stream that the seller still settles needs the facilitator, and that needs the chain.
  const stopAll = async () => {
    for (const part of parts) await part.stop();
  };
  let stopped: Promise<void> | undefined;

  try {
    const privateKey = generatePrivateKey();
    const { address } = privateKeyToAccount(privateKey);
    const chain = options.chain === 'none' ? undefined : await startChain();
    if (chain !== undefined) {
      started(chain, `Chain: anvil as Base (8453) at ${chain.rpcUrl}, USDC at its real address`);
      await chain.fund(address, walletMicroUsd);
    }
    const facilitator = await (chain === undefined ? startSignatureOnlyFacilitator() : startFacilitator({ rpcUrl: chain.rpcUrl }));
    started(facilitator, `Facilitator: ${facilitator.url}${chain === undefined ? ' (signatures only, nothing is settled)' : ''}`);
    const seller = await BlockRunStandIn.start({ facilitator: facilitator.url });
    started(seller, `Seller: a stand-in for BlockRun at ${seller.url}`);
    return {
      ...(chain === undefined ? {} : { chain }),
      facilitatorUrl: facilitator.url,
      seller,
      wallet: { address, privateKey },
      treasury: seller.payTo,
      stop: () => (stopped ??= stopAll()),
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
