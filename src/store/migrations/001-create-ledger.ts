import { type Kysely, type Migration, sql } from 'kysely';
import { countingKey, forbidChanges } from './engine-ddl.js';
import { isPostgres } from '../dialect.js';

export const createLedger: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createDay(db);
    await createEntry(db);
    await createAudit(db);
    await db.schema
      .createTable('payee_pin')
      .addColumn('seller', 'text', (column) => column.notNull())
      .addColumn('network', 'text', (column) => column.notNull())
      .addColumn('payee', 'text', (column) => column.notNull())
      .addColumn('pinned_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('payee_pin_key', ['seller', 'network'])
      .execute();
  },
};

async function createDay(db: Kysely<unknown>): Promise<void> {
  let table = db.schema.createTable('day').addColumn('day', 'text', (column) => column.primaryKey());
  for (const total of ['spent', 'held', 'signed', 'unresolved', 'calls', 'newest_hold'] as const) {
    table = table.addColumn(total, 'bigint', (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`${sql.ref(total)} >= 0`),
    );
  }
  await table.execute();
}

async function createEntry(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('entry')
    .addColumn(...countingKey(db))
    .addColumn('hold_id', 'text', (column) => column.notNull())
    .addColumn('step', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) =>
      column.notNull().check(sql`state in ('held', 'signed', 'unresolved', 'settled', 'released', 'expired')`),
    )
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull().check(sql`amount >= 0`))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('model', 'text')
    .addColumn('network', 'text')
    .addColumn('asset', 'text')
    .addColumn('payer', 'text')
    .addColumn('payee', 'text')
    .addColumn('nonce', 'text')
    .addColumn('valid_before', 'bigint')
    .addColumn('transaction_id', 'text')
    .addColumn('reason', 'text')
    .addUniqueConstraint('entry_one_per_step', ['hold_id', 'step'])
    .execute();
  // A hold ends once: whoever tries to settle, release or expire it again breaks on this index.
  await sql`create unique index entry_one_end on entry (hold_id) where state in ('settled', 'released', 'expired')`.execute(db);
  if (!isPostgres(db)) await forbidReplacing(db);
  await forbidChanges(db, 'entry', 'ledger entries are never changed or deleted');
}

/** SQLite's `insert or replace` deletes without the delete trigger: an entry that stands in the way of another is refused before that. */
async function forbidReplacing(db: Kysely<unknown>): Promise<void> {
  await sql`create trigger entry_no_replace before insert on entry when exists (
      select 1 from entry where seq = new.seq or (hold_id = new.hold_id and (step = new.step or
        (state in ('settled', 'released', 'expired') and new.state in ('settled', 'released', 'expired')))))
    begin select raise(abort, 'ledger entries are never changed or deleted'); end`.execute(db);
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit_tail')
    .addColumn(...countingKey(db))
    .addColumn('line', 'text', (column) => column.notNull())
    .execute();
}
