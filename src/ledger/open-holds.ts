import type { LedgerTransaction } from '../store/sql-store.js';
import { authorizationFrom, holdFrom } from './ledger-rows.js';
import type { OpenHold } from './ledger.js';

/** Every hold that has not ended, oldest first. */
export async function readOpenHolds(db: Pick<LedgerTransaction, 'selectFrom'>): Promise<OpenHold[]> {
  const rows = await db
    .selectFrom('open_hold')
    .crossJoin('entry') // an inner join would let SQLite go through every entry that there ever was
    .whereRef('entry.hold_id', '=', 'open_hold.hold_id')
    .whereRef('entry.state', '=', 'open_hold.state')
    .selectAll('entry')
    .select('open_hold.owner')
    .execute();
  // Sorted here: SQLite would walk all entries for their order instead of looking the few up.
  return rows
    .toSorted((one, other) => (one.seq < other.seq ? -1 : 1))
    .map((row) => ({
      hold: holdFrom(row),
      owner: row.owner ?? undefined,
      authorization: authorizationFrom(row),
      sellerSays: row.seller_says ?? undefined,
      since: new Date(Number(row.at)),
    }));
}
