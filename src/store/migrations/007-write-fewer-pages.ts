import { type Kysely, type Migration, sql } from 'kysely';
import { isPostgres } from '../dialect.js';

/**
 * What SQLite writes for each call, four pages less of sixteen: a table without row numbers is one tree and not two, and a key that counts on from the rows
 * that are there needs no record of the highest it ever had. None is given twice: entries are never deleted, and copies of audit lines only have an
 * order among those that are there.
 */
export const writeFewerPages: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    if (isPostgres(db)) return;
    await rebuild(db, 'open_hold', (definition) => `${definition} without rowid`);
    for (const table of ['entry', 'audit_tail']) await rebuild(db, table, (definition) => definition.replace(' autoincrement', ''));
  },
};

/** SQLite cannot change a table so: a new one takes over its rows, then its name, its indexes and its triggers. */
async function rebuild(db: Kysely<unknown>, table: string, change: (definition: string) => string): Promise<void> {
  const { rows } = await sql<{ type: string; definition: string }>`
    select type, sql as definition from sqlite_master where tbl_name = ${table} and sql is not null`.execute(db);
  const rebuilt = `${table}_rebuilt`;
  for (const { type, definition } of rows) {
    if (type === 'table') await sql.raw(change(definition).replace(`"${table}"`, `"${rebuilt}"`)).execute(db);
  }
  await sql`insert into ${sql.table(rebuilt)} select * from ${sql.table(table)}`.execute(db);
  await db.schema.dropTable(table).execute();
  await db.schema.alterTable(rebuilt).renameTo(table).execute();
  for (const { type, definition } of rows) {
    if (type !== 'table') await sql.raw(definition).execute(db);
  }
}
