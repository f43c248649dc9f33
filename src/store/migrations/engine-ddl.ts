import { type Kysely, type ColumnDataType, type ColumnDefinitionBuilder, type Expression, sql } from 'kysely';
import { isPostgres } from '../dialect.js';

/** The few definitions that the databases spell differently. */

/** A key that counts up: name, type and what is added to it, for `addColumn`. */
export function countingKey(
  db: Kysely<unknown>,
): [name: 'seq', type: ColumnDataType | Expression<unknown>, build: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder] {
  return isPostgres(db)
    ? ['seq', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity()]
    : ['seq', 'integer', (column) => column.primaryKey().autoIncrement()];
}

/** Refuses every change and deletion of the table's rows, whoever asks. */
export async function forbidChanges(db: Kysely<unknown>, table: string, says: string): Promise<void> {
  if (isPostgres(db)) {
    const name = sql.ref(`${table}_is_kept`);
    await sql`create function ${name}() returns trigger language plpgsql as $$ begin raise exception ${sql.lit(says)}; end $$`.execute(db);
    await sql`create trigger ${sql.ref(`${table}_no_change`)} before update or delete on ${sql.table(table)}
      for each row execute function ${name}()`.execute(db);
    await sql`create trigger ${sql.ref(`${table}_no_truncate`)} before truncate on ${sql.table(table)}
      for each statement execute function ${name}()`.execute(db);
    return;
  }
  for (const act of ['update', 'delete'] as const) {
    await sql`create trigger ${sql.ref(`${table}_no_${act}`)} before ${sql.raw(act)} on ${sql.table(table)}
      begin select raise(abort, ${sql.lit(says)}); end`.execute(db);
  }
}
