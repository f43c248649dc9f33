import type { Kysely } from 'kysely';
import type { LedgerSchema } from '../store/schema.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { isOpen } from './hold.js';
import { refusal } from './ledger-move.js';
import type { Entry, NewEntry } from './ledger-queries.js';
import { holdFrom } from './ledger-rows.js';
import { takeoverId } from './takeover.js';

type Reader = Kysely<LedgerSchema>;

const PAGE_ROWS = 500;
/** Between who wrote a line and the ledger whose audit it is in. No machine has it in its name. */
const ON = ' on ';

/** The two ledgers of a move, each in a transaction. */
export interface Sides {
  day: string;
  from: SqlStore;
  to: SqlStore;
  source: LedgerTransaction;
  target: LedgerTransaction;
}

/**
 * Brings the records of the day there, each once: one that is there already, by an earlier move to or from there, is compared and left. Returns
 * how many there were, how many of them were new, and whether what was taken over of the day is among those. @throws CodedError ledger_unavailable where the ledgers tell different things of a hold
 */
export async function bringRecords(sides: Sides): Promise<{ records: number; added: number; hasTakeover: boolean }> {
  const { source, target, day } = sides;
  let records = 0;
  let added = 0;
  let hasTakeover = false;
  for await (const page of pagesOf(source, day)) {
    const known = await recordsLike(page, target);
    const missing = page.filter((entry) => !isThere(entry, known)).map((entry) => copyOf(entry, sides));
    if (missing.length > 0) await target.insertInto('entry').values(missing).execute();
    await followOpenHolds(target, missing);
    records += page.length;
    added += missing.length;
    hasTakeover ||= missing.some(({ hold_id: id }) => id === takeoverId(day));
  }
  return { records, added, hasTakeover };
}

/** Reads every record of the day back from there. @throws CodedError ledger_unavailable where one has not arrived as it is */
export async function compareRecords({ source, target, day }: Sides): Promise<void> {
  for await (const page of pagesOf(source, day)) {
    const known = await recordsLike(page, target);
    const lost = page.find((entry) => !isThere(entry, known));
    if (lost) throw refusal(`record ${lost.step} of hold ${lost.hold_id} did not arrive`);
  }
}

async function* pagesOf(db: Reader, day: string): AsyncGenerator<Entry[]> {
  for (let after = -1n; ;) {
    const rows = await db
      .selectFrom('entry')
      .selectAll()
      .where('day', '=', day)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.seq;
  }
}

/** What the ledger has of the holds of these records, by hold and step. */
async function recordsLike(page: readonly Entry[], db: Reader): Promise<Map<string, Entry>> {
  const holds = [...new Set(page.map((entry) => entry.hold_id))];
  const rows = await db.selectFrom('entry').selectAll().where('hold_id', 'in', holds).execute();
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function isThere(entry: Entry, known: ReadonlyMap<string, Entry>): boolean {
  const other = known.get(keyOf(entry));
  if (other && factsOf(other) !== factsOf(entry))
    throw refusal(`hold ${entry.hold_id} went another way there since: here it became ${factsOf(entry)}, there ${factsOf(other)}`);
  return other !== undefined;
}

function keyOf({ hold_id: hold, step }: Entry): string {
  return `${step} ${hold}`;
}

/** All that a record says of its hold; its number and who wrote it are told otherwise on another ledger. */
function factsOf({ seq: _seq, machine: _machine, audited_by: _auditedBy, hold_id: _hold, state, ...facts }: Entry): string {
  const told = Object.entries(facts).filter(([, value]) => value !== null);
  const words = told.map(([name, value]) => `${name} ${String(value)}`).toSorted();
  return `${state} (${words.join(', ')})`;
}

/** The audit that has its line stays with the ledger that it comes from. */
function copyOf({ seq: _seq, ...entry }: Entry, { from, to }: Sides): NewEntry {
  const auditor = entry.audited_by ?? from.machine;
  return {
    ...entry,
    machine: entry.machine === null || entry.machine === from.machine ? to.machine : entry.machine,
    audited_by: auditor.includes(ON) ? auditor : `${auditor}${ON}${from.name}`,
  };
}

async function followOpenHolds(target: LedgerTransaction, added: readonly NewEntry[]): Promise<void> {
  const newest = new Map(added.map((entry) => [entry.hold_id, holdFrom(entry).state]));
  const open = [...newest].filter(([, state]) => isOpen(state)).map(([hold_id, state]) => ({ hold_id, state, owner: null }));
  const ended = [...newest].filter(([, state]) => !isOpen(state)).map(([hold_id]) => hold_id);
  if (ended.length > 0) await target.deleteFrom('open_hold').where('hold_id', 'in', ended).execute();
  for (const hold of open) {
    await target
      .insertInto('open_hold')
      .values(hold)
      .onConflict((conflict) => conflict.column('hold_id').doUpdateSet({ state: hold.state }))
      .execute();
  }
}
