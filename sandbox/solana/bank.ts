import { isDeepStrictEqual } from 'node:util';
import type { Address } from '@solana/kit';
import { Accounts, emptyAccount } from './accounts.js';
import { BlockLine, type Block, type Commitment } from './block-line.js';
import { feeLamports } from './fee.js';
import { ASSOCIATED_TOKEN_PROGRAM, COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAM } from './mainnet.js';
import { History, type Balances, type Landed } from './history.js';
import { readTokenAccount } from './token-account.js';
import { isInBlock, readTransactionError, type TransactionError } from './transaction-error.js';
import { VmProcess, type Account, type RunResult } from './vm.process.js';
import type { WireTransaction } from './wire-transaction.js';

export interface Simulation {
  readonly error: TransactionError | null;
  readonly logs: readonly string[];
  readonly unitsConsumed: bigint;
}

export interface SimulationTerms {
  readonly commitment: Commitment;
  readonly replacesBlockhash?: boolean;
}

const BUILT_IN: ReadonlySet<Address> = new Set([SYSTEM_PROGRAM, TOKEN_PROGRAM, ASSOCIATED_TOKEN_PROGRAM, COMPUTE_BUDGET_PROGRAM]);

/**
 * The rules that the VM leaves to its surroundings: which blockhashes are recent, that no transaction is processed twice, and that
 * transactions wait for a block and are seen at three commitments.
 */
export class Bank {
  readonly accounts = new Accounts();
  readonly history = new History();
  readonly blocks: BlockLine;
  /** Added to the machine's clock in the blocks that are made from now on. */
  aheadMs = 0;

  /** Whether what is sent gets lost on its way to a block, and nobody is told. */
  losesTransactions = false;

  private readonly vm = new VmProcess();
  /** Sent, and not yet in a block: by message, so that a transaction that is sent twice waits once. */
  private waiting = new Map<string, WireTransaction>();
  /** One block at a time, and nothing is set beside it. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(blockMs: number) {
    this.blocks = new BlockLine(Date.now(), blockMs);
  }

  /** Takes it for the next block. Like a real node it says nothing if that block then has no place for it. */
  submit(transaction: WireTransaction): void {
    if (!this.losesTransactions) this.waiting.set(transaction.key, transaction);
  }

  set(make: () => Account): Promise<void> {
    return this.alone(() => this.accounts.set(make()));
  }

  produceBlock(): Promise<void> {
    return this.alone(async () => {
      const { waiting } = this;
      this.waiting = new Map();
      const tip = this.blocks.at('processed');
      const block = this.blocks.next(Date.now() + this.aheadMs);
      const landed: Landed[] = [];
      for (const transaction of waiting.values()) {
        if (this.objection(transaction, tip) === undefined) landed.push(...(await this.execute(transaction, block)));
      }
      this.blocks.add(block);
      for (const transaction of landed) this.history.add(transaction);
    });
  }

  /** Looks at no signature. */
  async simulate(transaction: WireTransaction, { commitment, replacesBlockhash }: SimulationTerms): Promise<Simulation> {
    const block = this.blocks.at(commitment);
    const objection = replacesBlockhash === true ? undefined : this.objection(transaction, block);
    if (objection !== undefined) return { error: objection, logs: [], unitsConsumed: 0n };
    const { error, logs, unitsConsumed } = await this.run(transaction, block, false);
    return { error: error === undefined ? null : readTransactionError(error), logs, unitsConsumed };
  }

  async stop(): Promise<void> {
    await this.vm.stop();
    await this.last.catch(() => undefined);
  }

  /** Why the block after this one would not take the transaction. */
  private objection(transaction: WireTransaction, tip: Block): TransactionError | undefined {
    if (!this.blocks.isRecent(transaction.blockhash, tip)) return 'BlockhashNotFound';
    return this.history.has(transaction) ? 'AlreadyProcessed' : undefined;
  }

  private async execute(transaction: WireTransaction, block: Block): Promise<Landed[]> {
    const before = this.balancesOf(transaction);
    const { error: printed, accounts, logs, unitsConsumed } = await this.run(transaction, block, true);
    const error = printed === undefined ? null : readTransactionError(printed);
    const [signature] = transaction.signatures;
    if ((error !== null && !isInBlock(error)) || typeof signature !== 'string') return [];
    this.write(transaction, accounts, block);
    const after = this.balancesOf(transaction);
    return [{ transaction, signature, block, error, feeLamports: feeLamports(transaction), before, after, logs, unitsConsumed }];
  }

  private run(transaction: WireTransaction, block: Block, isVerified: boolean): Promise<RunResult> {
    return this.vm.run({
      transaction: transaction.bytes,
      // One that does not exist is sent too, empty: an earlier run may have left it in the VM.
      accounts: ownAccounts(transaction).map((address) => this.accounts.at(address, block.height) ?? emptyAccount(address)),
      slot: BigInt(block.slot),
      unixSeconds: BigInt(block.unixSeconds),
      isVerified,
    });
  }

  private write(transaction: WireTransaction, accounts: readonly Account[], { height }: Block): void {
    for (const address of ownAccounts(transaction)) {
      const before = this.accounts.latest(address);
      const after = accounts.find((account) => account.address === address);
      if (!isDeepStrictEqual(before, after)) this.accounts.put(after ?? emptyAccount(address), height);
    }
  }

  private balancesOf({ accounts }: WireTransaction): Balances {
    const found = accounts.map((address) => this.accounts.latest(address));
    return {
      lamports: found.map((account) => account?.lamports ?? 0n),
      tokens: found.flatMap((account, accountIndex) => {
        const token = readTokenAccount(account);
        return token === undefined ? [] : [{ ...token, accountIndex }];
      }),
    };
  }

  private alone<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

/** All that a transaction names but programs and sysvars, which the VM has itself. */
function ownAccounts({ accounts, instructions }: WireTransaction): Address[] {
  const isProgram = (address: Address) => BUILT_IN.has(address) || instructions.some(({ program }) => program === address);
  return accounts.filter((address) => !isProgram(address) && !address.startsWith('Sysvar'));
}
