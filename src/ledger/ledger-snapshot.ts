import { sql } from 'kysely';
import { CHAIN_START } from '../audit/audit-line.js';
import type { ChainHead } from '../audit/chain-head.js';
import type { SqlStore } from '../store/sql-store.js';
import { clientTotalsFrom, totalsFrom } from './ledger-rows.js';
import type { ClientTotals, DayTotals } from './hold.js';

/** What the ledger says at one instant, between two transactions of whoever writes. Entries up to `lastSeq` never change afterwards. */
export interface LedgerSnapshot {
  head: ChainHead;
  lastSeq: bigint;
  days: Map<string, DayTotals>;
  clientDays: ClientTotals[];
  /** The state of each hold that has not ended, by its id. */
  openHolds: Map<string, string>;
  /** What operators have added to a day. */
  raised: Map<string, bigint>;
  /** How much of the audit's end the ledger has a copy of. */
  copiedBytes: number;
}

export function ledgerSnapshot(store: SqlStore): Promise<LedgerSnapshot> {
  return store.snapshot((db) => read(db, store.machine));
}

async function read(db: SqlStore['reader'], machine: string): Promise<LedgerSnapshot> {
  const head = await db.selectFrom('audit_head').select(['hash', 'bytes', 'part']).where('machine', '=', machine).executeTakeFirst();
  // Without the limit every entry would be read into memory, and all but one thrown away.
  const last = await db.selectFrom('entry').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  const days = await db.selectFrom('day').selectAll().execute();
  const clientDays = await db.selectFrom('client_day').selectAll().orderBy('day').orderBy('client').execute();
  const holds = await db.selectFrom('open_hold').select(['hold_id', 'state']).execute();
  const raises = await db.selectFrom('allowance').select(['day', 'amount']).execute();
  const copied = await db
    .selectFrom('audit_tail')
    .select(sql<bigint>`sum(octet_length(line))`.as('bytes'))
    .where('machine', '=', machine)
    .executeTakeFirst();
  const raised = new Map<string, bigint>();
  for (const { day, amount } of raises) raised.set(day, (raised.get(day) ?? 0n) + amount);
  return {
    head: head ? { hash: head.hash, bytes: Number(head.bytes), part: Number(head.part) } : { hash: CHAIN_START, bytes: 0, part: 1 },
    lastSeq: last?.seq ?? 0n,
    days: new Map(days.map((row) => [row.day, totalsFrom(row)])),
    clientDays: clientDays.map(clientTotalsFrom),
    openHolds: new Map(holds.map(({ hold_id: id, state }) => [id, state])),
    raised,
    copiedBytes: Number(copied?.bytes ?? 0),
  };
}
