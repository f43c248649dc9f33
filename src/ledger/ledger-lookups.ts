import type { LedgerTransaction } from '../store/sql-store.js';
import type { DayTotals } from './hold.js';
import type { Entry, LedgerQueries } from './ledger-queries.js';
import { emptyDay, totalsFrom } from './ledger-rows.js';

type Reader = Pick<LedgerTransaction, 'executeQuery'>;

/** What the hold is now; undefined: there is none of that id. */
export async function newestEntry(db: Reader, queries: LedgerQueries, holdId: string): Promise<Entry | undefined> {
  return (await db.executeQuery(queries.newestEntry({ holdId }))).rows[0];
}

/** Zeros for a day without a record. */
export async function totalsOf(db: Reader, queries: LedgerQueries, day: string): Promise<DayTotals> {
  const [row] = (await db.executeQuery(queries.totals({ day }))).rows;
  return totalsFrom(row ?? emptyDay(day));
}
