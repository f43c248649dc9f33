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
  private readonly placeOf = new Map<string, number>();
  private readonly keys = new Set<string>();

  add(landed: Landed): void {
    this.placeOf.set(landed.signature, this.all.length);
    this.all.push(landed);
    this.keys.add(landed.transaction.key);
  }

  get count(): number {
    return this.all.length;
  }

  find(signature: string): Landed | undefined {
    const place = this.placeOf.get(signature);
    return place === undefined ? undefined : this.all[place];
  }

  /** Whether this message is in a block, with whatever signature. */
  has({ key }: WireTransaction): boolean {
    return this.keys.has(key);
  }

  /**
   * Those that name an account, newest first: older than `before`, newer than `until`, whomever those two are about. An unknown `before`
   * is older than everything, and an unknown `until` too.
   */
  of(address: string, { before, until }: { readonly before?: string; readonly until?: string } = {}): Landed[] {
    const end = before === undefined ? this.all.length : (this.placeOf.get(before) ?? 0);
    const start = until === undefined ? 0 : (this.placeOf.get(until) ?? -1) + 1;
    return this.all
      .slice(start, end)
      .filter(({ transaction }) => transaction.accounts.some((account) => account === address))
      .reverse();
  }

  oldestFirst(): readonly Landed[] {
    return this.all;
  }
}
