import type { SqlStore } from '../store/sql-store.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Finding, ok, warn } from './finding.js';

/** What a check finds in the ledger. That it cannot be opened is told by the check of the ledger itself, once. */
export async function onLedger(books: DoctorBooks, look: (store: SqlStore) => Promise<Finding>): Promise<Finding> {
  const store = await books.store().catch(() => 'fault' as const);
  if (store === 'fault') return warn('not looked at, since the ledger cannot be read');
  return store ? look(store) : ok('nothing yet: there is no ledger');
}
