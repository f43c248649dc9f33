import { type Kysely, type Migration, sql } from 'kysely';

/** What a minute has used of a limit, for all and for each client, whose totals are kept like those of the day. */
const MINUTE = ['minute', 'minute_requests', 'minute_signed'] as const;

/** Limits for each client and each minute, and the file that stops paying. */
export const limitClients: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const column of MINUTE) {
      await db.schema
        .alterTable('day')
        .addColumn(column, 'bigint', (definition) => definition.notNull().defaultTo(0))
        .execute();
    }
    await db.schema.alterTable('entry').addColumn('client', 'text').execute();
    // The index that holds all that reports read, with the clients.
    await db.schema.dropIndex('entry_report').execute();
    await sql`create index entry_report on entry (day, state, model, payee, machine, client, amount, step, reason)
      where state in ('settled', 'released', 'expired')`.execute(db);
    await createClientDay(db);
    await db.schema
      .createTable('pause_file')
      .addColumn('machine', 'text', (column) => column.primaryKey())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .execute();
  },
};

async function createClientDay(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('client_day')
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('client', 'text', (column) => column.notNull());
  for (const total of ['spent', 'held', 'signed', 'unresolved', 'calls', 'newest_hold', ...MINUTE] as const) {
    table = table.addColumn(total, 'bigint', (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`${sql.ref(total)} >= 0`),
    );
  }
  await table.addPrimaryKeyConstraint('client_day_key', ['day', 'client']).execute();
}
