import { type Kysely, type Migration, sql } from 'kysely';
import { countingKey, forbidChanges } from './engine-ddl.js';

/** What recovery, operators and a second process need to know: whose hold it is, what a day was given on top, why nothing is paid. */
export const recoverAndGovern: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('entry').addColumn('seller_says', 'text').execute();
    for (const column of ['raised', 'is_clock_error'] as const) {
      await db.schema
        .alterTable('day')
        .addColumn(column, 'bigint', (definition) =>
          definition
            .notNull()
            .defaultTo(0)
            .check(sql`${sql.ref(column)} >= 0`),
        )
        .execute();
    }
    await db.schema
      .alterTable('audit_head')
      .addColumn('part', 'bigint', (column) => column.notNull().defaultTo(1))
      .execute();
    await createOpenHolds(db);
    await createGovernance(db);
    // For reports: an index that holds all they read, in the order in which they group it, with the one end that a hold has.
    await sql`create index entry_report on entry (day, state, model, payee, amount, step, reason)
      where state in ('settled', 'released', 'expired')`.execute(db);
  },
};

async function createOpenHolds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('open_hold')
    .addColumn('hold_id', 'text', (column) => column.primaryKey())
    .addColumn('state', 'text', (column) => column.notNull().check(sql`state in ('held', 'signed', 'unresolved')`))
    .addColumn('owner', 'text')
    .execute();
  await sql`insert into open_hold (hold_id, state)
    select hold_id, state from entry where state in ('held', 'signed', 'unresolved')
      and not exists (select 1 from entry as later where later.hold_id = entry.hold_id and later.step > entry.step)`.execute(db);
  await db.schema
    .createTable('instance')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('pid', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createGovernance(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('allowance')
    .addColumn(...countingKey(db))
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull().check(sql`amount > 0`))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .execute();
  await forbidChanges(db, 'allowance', 'what a day was given is never changed or deleted');
  await db.schema
    .createTable('stop')
    .addColumn(...countingKey(db))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_reason', 'text')
    .execute();
}
