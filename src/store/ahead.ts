import type { CompiledQuery, QueryResult } from 'kysely';
import type { LedgerTransaction } from './schema.js';
import { together } from './together.js';

/** Statements of a transaction that go ahead of others, in the same round trip to a server. They run once, whatever becomes of the others. */
export class Ahead<T = unknown> {
  private waiting: readonly CompiledQuery<unknown>[];
  private read: { result: T } | undefined;

  /** @param reader gets their answers before anybody else gets any; it throws where they did not do what they should */
  constructor(
    statements: readonly CompiledQuery<unknown>[],
    private readonly reader: (answers: readonly QueryResult<unknown>[]) => Promise<T>,
  ) {
    this.waiting = statements;
  }

  /** Runs the given statements, after those that go ahead where these have not run yet. Returns the answers of the given ones. */
  async run(tx: LedgerTransaction, queries: readonly CompiledQuery<unknown>[] = []): Promise<readonly QueryResult<unknown>[]> {
    const first = this.waiting;
    if (first.length === 0) return together(tx, queries);
    this.waiting = [];
    const answers: readonly QueryResult<unknown>[] = await together(tx, [...first, ...queries]);
    this.read = { result: await this.reader(answers.slice(0, first.length)) };
    return answers.slice(first.length);
  }

  /** What the reader made of their answers. */
  get result(): T {
    if (!this.read) throw new Error('the statements that go ahead have not run');
    return this.read.result;
  }
}

/** For those that nothing goes ahead of. */
export const NOTHING_AHEAD = new Ahead([], () => Promise.resolve());
