import { CompiledQuery, type Kysely, type QueryResult } from 'kysely';
import type { LedgerSchema } from './schema.js';

/** The text of a statement that stands for several; they are its parameters. Each engine knows it, and the one below. */
export const TOGETHER = '-- together';
/** The same for statements that may wait for the commit, and go with it. */
export const AT_COMMIT = '-- at commit';

/** What statements answer, in their order. */
type Answers<Queries extends readonly CompiledQuery<unknown>[]> = {
  -readonly [Key in keyof Queries]: Queries[Key] extends CompiledQuery<infer Row> ? QueryResult<Row> : never;
};

/**
 * Runs statements of a transaction that do not need each other's answers, in their order and for one round trip to a server. Kysely itself sends
 * the next statement of a transaction when the one before is answered. @throws the error of the first that failed
 */
export async function together<const Queries extends readonly CompiledQuery<unknown>[]>(
  tx: Pick<Kysely<LedgerSchema>, 'executeQuery'>,
  queries: Queries,
): Promise<Answers<Queries>> {
  const { rows } = await tx.executeQuery(CompiledQuery.raw(TOGETHER, [...queries]));
  return rows as Answers<Queries>;
}

/** Has statements run before the transaction commits, whose answers nobody needs: where one fails, so does the commit, or a statement before it. */
export async function atCommit(tx: Pick<Kysely<LedgerSchema>, 'executeQuery'>, queries: readonly CompiledQuery<unknown>[]): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(AT_COMMIT, [...queries]));
}
