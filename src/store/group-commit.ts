import { setImmediate } from 'node:timers';
import type { LedgerTransaction } from './schema.js';
import type { Savepoint, Transactions } from './sql-engine.js';

/** More writes than this do not go into one transaction, so that other processes get their turn. */
const MAX_WRITES = 64;
/** After so many in a row that came alone, the next one is expected to. */
const ALONE_IN_A_ROW = 8;

interface Write {
  work: (tx: LedgerTransaction) => Promise<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Commits writes together that come together (group commit): the pages that each of them changes are then written once. They run in the order of their
 * arrival, and each as if the transaction were its own: where one fails, what it wrote goes back, and the others stay. None is told of its
 * end before the commit. While all come alone nobody waits for others.
 */
export class GroupCommit {
  private waiting: Write[] = [];
  private isServing = false;
  private aloneInARow = 0;
  /** Whether one that was not waited with has begun in this turn of the event loop. */
  private hasBegunAtOnce = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly savepoint: Savepoint,
  ) {}

  /** @throws what the work throws; the database's own error where the transaction failed, with all that was in it */
  run<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ work, resolve: resolve as Write['resolve'], reject });
      if (this.isServing || this.hasBegunAtOnce) this.aloneInARow = 0;
      if (this.isServing) return;
      if (this.aloneInARow < ALONE_IN_A_ROW) this.serveSoon();
      else this.serveAtOnce();
    });
  }

  /** What else this turn of the event loop brings comes along. */
  private serveSoon(): void {
    this.isServing = true;
    setImmediate(() => void this.serve());
  }

  private serveAtOnce(): void {
    this.isServing = true;
    this.hasBegunAtOnce = true;
    setImmediate(() => (this.hasBegunAtOnce = false));
    void this.serve();
  }

  private async serve(): Promise<void> {
    const writes = this.waiting.splice(0, MAX_WRITES);
    this.aloneInARow = writes.length === 1 ? this.aloneInARow + 1 : 0;
    await this.commit(writes);
    this.isServing = false;
    if (this.waiting.length > 0) this.serveSoon();
  }

  private async commit(writes: Write[]): Promise<void> {
    const begun: Write[] = [];
    const ends: (() => void)[] = [];
    try {
      await this.transactions.transact(async (tx) => {
        for (const write of writes) {
          begun.push(write);
          ends.push(writes.length === 1 ? await alone(tx, write) : await this.amongOthers(tx, write));
        }
      });
      for (const tell of ends) tell();
    } catch (error) {
      if (begun.length === 0) begun.push(...writes);
      for (const { reject } of begun) reject(error);
      this.waiting.unshift(...writes.slice(begun.length));
    }
  }

  private async amongOthers(tx: LedgerTransaction, { work, resolve, reject }: Write): Promise<() => void> {
    const { savepoint } = this;
    savepoint.set();
    try {
      const result = await work(tx);
      savepoint.release();
      return () => resolve(result);
    } catch (error) {
      this.takeBack(error);
      return () => reject(error);
    }
  }

  /** On a full disk SQLite has rolled back everything by itself. @throws then with the reason, for all of the others */
  private takeBack(reason: unknown): void {
    try {
      this.savepoint.takeBack();
    } catch {
      throw reason;
    }
  }
}

/** Returns what tells the write of its end. @throws what fails the transaction */
async function alone(tx: LedgerTransaction, { work, resolve }: Write): Promise<() => void> {
  const result = await work(tx);
  return () => resolve(result);
}
