import type { CompiledQuery, QueryResult } from 'kysely';
import { Ahead } from '../store/ahead.js';
import type { LedgerTransaction } from '../store/sql-store.js';
import { refusal } from './hold-move.js';
import { type DayTotals, type HoldState, isOpen } from './hold.js';
import type { Entry, LedgerQueries, NewEntry, TotalsRow } from './ledger-queries.js';
import { totalsChange, totalsFrom } from './ledger-rows.js';
import { refuseWhenStopped } from './spending-stop.js';

interface HoldRecord {
  /** The record that it follows; undefined: it is the first of its hold. */
  last: Entry | undefined;
  entry: NewEntry;
  countsCall: boolean;
}

/** The statements that write one record, with the change that it makes to the totals of its day and of its client. Their result are the day's totals after it. */
export function holdRecord(tx: LedgerTransaction, queries: LedgerQueries, { last, entry, countsCall }: HoldRecord): Ahead<DayTotals> {
  const { hold_id: holdId, day, client } = entry;
  const state = entry.state as HoldState;
  const change = totalsChange(last, entry, countsCall);
  const ofDay = state === 'signed' ? queries.changeTotalsUnlessStopped(change) : queries.changeTotals(change);
  const ofOpenHolds = isOpen(state) ? queries.moveOpenHold({ holdId, state }) : queries.closeHold({ holdId });
  const givesBackUnsigned = entry.nonce === null && (state === 'released' || state === 'expired');
  const added = givesBackUnsigned ? queries.addUnsigned(entry) : queries.addEntry(entry);
  const statements: CompiledQuery<unknown>[] = [ofDay, added, ofOpenHolds];
  if (client !== null) statements.push(queries.changeClientTotals({ ...change, client }));
  return new Ahead(statements, async ([ofAll, , , ofClient]) => {
    const [row] = (ofAll as QueryResult<TotalsRow>).rows;
    if (!row && state === 'signed') await refuseWhenStopped(tx);
    if (!row) throw refusal(`there are no totals of ${day}`);
    if (client !== null && ofClient?.numAffectedRows !== 1n) throw refusal(`there are no totals of ${client} on ${day}`);
    return totalsFrom(row);
  });
}
