import { type Kysely, type Migration, sql } from 'kysely';
import { ONLY_MACHINE } from '../schema.js';
import { countingKey } from './engine-ddl.js';

/** Several machines share one ledger, each with an audit of its own. */
export const shareBetweenMachines: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const column of ['machine', 'audited_by']) await db.schema.alterTable('entry').addColumn(column, 'text').execute();
    await reindexReports(db);
    await db.schema.alterTable('audit_head').renameTo('audit_head_before').execute();
    await db.schema.alterTable('audit_tail').renameTo('audit_tail_before').execute();
    await db.schema
      .createTable('audit_head')
      .addColumn('machine', 'text', (column) => column.primaryKey())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('part', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('audit_tail')
      .addColumn(...countingKey(db))
      .addColumn('machine', 'text', (column) => column.notNull())
      .addColumn('line', 'text', (column) => column.notNull())
      .execute();
    await sql`insert into audit_head select ${sql.lit(ONLY_MACHINE)}, hash, bytes, part from audit_head_before`.execute(db);
    await sql`insert into audit_tail (machine, line) select ${sql.lit(ONLY_MACHINE)}, line from audit_tail_before order by seq`.execute(db);
    for (const table of ['audit_head_before', 'audit_tail_before']) await db.schema.dropTable(table).execute();
  },
};

/** The index that holds all that reports read, with the machines. */
async function reindexReports(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('entry_report').execute();
  await sql`create index entry_report on entry (day, state, model, payee, machine, amount, step, reason)
    where state in ('settled', 'released', 'expired')`.execute(db);
}
