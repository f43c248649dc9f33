import type { Kysely, Migration } from 'kysely';
import { countingKey, forbidChanges } from './engine-ddl.js';

/** Operators may trust another payee than the one that was pinned on first use; the last word counts, and every word is kept. */
export const trustPayees: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('payee_trust')
      .addColumn(...countingKey(db))
      .addColumn('seller', 'text', (column) => column.notNull())
      .addColumn('network', 'text', (column) => column.notNull())
      .addColumn('payee', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .execute();
    await forbidChanges(db, 'payee_trust', 'whom operators trusted is never changed or deleted');
  },
};
