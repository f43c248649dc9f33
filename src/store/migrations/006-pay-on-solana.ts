import { type Kysely, type Migration, sql } from 'kysely';
import { isPostgres } from '../dialect.js';

/**
 * Payments on Solana end with a block and not with a time. There the nonce is the hash of a signature, and two payments that are the same to the last byte
 * have the same one: whoever signs the second breaks on the index, before it is sent. Nonces on Base are random, and need none.
 */
export const payOnSolana: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('entry').addColumn('last_valid_block', 'bigint').execute();
    await sql`create unique index entry_one_transaction on entry (nonce) where ${SIGNED_ON_SOLANA}`.execute(db);
    if (!isPostgres(db)) await refuseTwins(db);
  },
};

const SIGNED_ON_SOLANA = sql`state = 'signed' and network = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'`;

/** SQLite's `insert or replace` deletes what stands in the way of a unique index, and no other trigger sees it. */
async function refuseTwins(db: Kysely<unknown>): Promise<void> {
  await sql`create trigger entry_no_twin before insert on entry
    when new.state = 'signed' and exists (select 1 from entry where nonce = new.nonce and network = new.network and ${SIGNED_ON_SOLANA})
    begin select raise(abort, 'the same transaction was signed for another request'); end`.execute(db);
}
