import type { Block } from './block-line.js';
import type { TransactionError } from './transaction-error.js';
import type { TokenAccount } from './token-account.js';
import type { WireTransaction } from './wire-transaction.js';

export interface TokenBalance extends TokenAccount {
  readonly accountIndex: number;
}

/** What a transaction found and left, of all accounts that it names, in their order. */
export interface Balances {
  readonly lamports: readonly bigint[];
  readonly tokens: readonly TokenBalance[];
}

/** A transaction in its block. */
export interface Landed {
  readonly transaction: WireTransaction;
  readonly signature: string;
  readonly block: Block;
  readonly error: TransactionError | null;
  readonly feeLamports: bigint;
  readonly before: Balances;
  readonly after: Balances;
  readonly logs: readonly string[];
  readonly unitsConsumed: bigint;
}

/** All transactions that are in a block, oldest first. */
export class History {
  private readonly all: Landed[] = [];
  private readonly bySignature = new Map<string, Landed>();
  private readonly byKey = new Map<string, Landed>();

  add(landed: Landed): void {
    this.all.push(landed);
    this.bySignature.set(landed.signature, landed);
    this.byKey.set(landed.transaction.key, landed);
  }

  get count(): number {
    return this.all.length;
  }

  find(signature: string): Landed | undefined {
    return this.bySignature.get(signature);
  }

  /** Whether this message is in a block, with whatever signature. */
  has({ key }: WireTransaction): boolean {
    return this.byKey.has(key);
  }

  /** Those that name an account, newest first. */
  of(address: string): Landed[] {
    return this.all.filter(({ transaction }) => transaction.accounts.some((account) => account === address)).reverse();
  }

  oldestFirst(): readonly Landed[] {
    return this.all;
  }
}
