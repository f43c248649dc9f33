import { type Address, type Signature } from '@solana/kit';
import { CodedError } from '../errors/coded-error.js';
import type { SolanaNode } from './solana-node.js';

/** What nodes allow in one question. */
const PER_PAGE = 1000;
const MAX_PAGES = 100;
/** Transactions that were read before: what is final does not change, and public nodes answer a few a second. */
const REMEMBERED = 2000;

/** A transaction in a final block, as a node tells of it. */
export interface PastTransaction {
  /** Its id: the fee payer's signature, in base58. */
  id: string;
  /** Whether it failed, and so has moved nothing. */
  isFailed: boolean;
  /** Epoch seconds of its block. */
  at: bigint;
  /** In base64. */
  wire: string;
  /** What its token accounts held before and after it. */
  balances: readonly { owner: string; mint: string; before: bigint; after: bigint }[];
}

/** A point in the chain from which on nothing changes any more. */
export interface FinalBlock {
  slot: bigint;
  height: bigint;
}

/** The final transactions that an account was part of. */
export class AccountHistory {
  private readonly known = new Map<string, PastTransaction>();

  constructor(private readonly node: SolanaNode) {}

  async lastFinal(): Promise<FinalBlock> {
    const { absoluteSlot, blockHeight } = await this.node.ask((rpc, within) => rpc.getEpochInfo({ commitment: 'finalized' }).send(within));
    return { slot: absoluteSlot, height: blockHeight };
  }

  /**
   * Newest first, back to these epoch seconds, by a node that knows at least the final slot.
   * @throws CodedError chain_unavailable, also where the node has forgotten what was then
   */
  async *since(account: Address, seconds: bigint, { slot }: FinalBlock): AsyncGenerator<PastTransaction> {
    await this.requireHistory(seconds);
    let before: Signature | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const listed = await this.page(account, slot, before);
      for (const { signature, blockTime } of listed) {
        if (blockTime !== null && blockTime < seconds) return;
        yield await this.read(signature);
      }
      before = listed.at(-1)?.signature;
      if (listed.length < PER_PAGE) return;
    }
    throw new CodedError('chain_unavailable', `${account} was part of more than ${MAX_PAGES * PER_PAGE} transactions since then.`);
  }

  private page(account: Address, minContextSlot: bigint, before: Signature | undefined) {
    const options = { commitment: 'finalized', limit: PER_PAGE, minContextSlot, ...(before && { before }) } as const;
    return this.node.ask((rpc, within) => rpc.getSignaturesForAddress(account, options).send(within));
  }

  private async read(id: Signature): Promise<PastTransaction> {
    const known = this.known.get(id);
    if (known) return known;
    const read = await this.node.ask((rpc, within) =>
      rpc.getTransaction(id, { commitment: 'finalized', encoding: 'base64', maxSupportedTransactionVersion: 0 }).send(within),
    );
    if (!read?.meta || read.blockTime === null) {
      throw new CodedError('chain_unavailable', `The node of BLOCKRUN_SOLANA_RPC_URL lists the transaction ${id}, and does not have it.`);
    }
    const { preTokenBalances = [], postTokenBalances = [], err } = read.meta;
    const transaction: PastTransaction = {
      id,
      isFailed: err !== null,
      at: BigInt(read.blockTime),
      wire: read.transaction[0],
      balances: balancesFrom(preTokenBalances, postTokenBalances),
    };
    this.known.set(id, transaction);
    const [oldest] = this.known.keys();
    if (this.known.size > REMEMBERED && oldest !== undefined) this.known.delete(oldest);
    return transaction;
  }

  /** A node that keeps only the last days would call everything before "not there". */
  private async requireHistory(seconds: bigint): Promise<void> {
    const first = await this.node.ask((rpc, within) => rpc.getFirstAvailableBlock().send(within));
    const time = await this.node.ask((rpc, within) => rpc.getBlockTime(first).send(within));
    if (first === 0n || (time !== null && BigInt(time) <= seconds)) return;
    throw new CodedError(
      'chain_unavailable',
      'The node of BLOCKRUN_SOLANA_RPC_URL keeps too little of the past to tell: name one that keeps more.',
    );
  }
}

interface TokenBalance {
  accountIndex: number;
  mint: string;
  owner?: string | undefined;
  uiTokenAmount: { amount: string };
}

function balancesFrom(before: readonly TokenBalance[], after: readonly TokenBalance[]): PastTransaction['balances'] {
  const accounts = new Map([...before, ...after].map(({ accountIndex, mint, owner = '' }) => [accountIndex, { mint, owner }]));
  const held = (balances: readonly TokenBalance[], index: number) =>
    BigInt(balances.find(({ accountIndex }) => accountIndex === index)?.uiTokenAmount.amount ?? 0);
  return [...accounts].map(([index, account]) => ({ ...account, before: held(before, index), after: held(after, index) }));
}
