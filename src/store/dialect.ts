import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';

/** What the databases spell differently in a statement. */

export function isPostgres(db: Pick<Kysely<unknown>, 'getExecutor'>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** The lesser of two numbers, as one expression that names each of them once. */
export function lesserOn(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
): (one: RawBuilder<bigint>, other: RawBuilder<bigint>) => RawBuilder<bigint> {
  const name = sql.raw(isPostgres(db) ? 'least' : 'min');
  return (one, other) => sql`${name}(${one}, ${other})`;
}
