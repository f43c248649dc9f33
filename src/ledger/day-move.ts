import { sql } from 'kysely';
import type { AuditLog } from '../audit/audit-log.js';
import { formatUsd } from '../money/micro-usd.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { bringRecords, compareRecords, type Sides } from './day-records.js';
import { grownBy, type Sums, sumsOf } from './day-sums.js';
import type { DayTotals } from './hold.js';
import { refusal, refuseSamePlace, refuseWhenInUse, stopSpending } from './ledger-move.js';
import { type ClientDayRow, type DayRow, ledgerQueries, type TotalsRow } from './ledger-queries.js';
import { emptyClientDay, emptyDay, totalsFrom } from './ledger-rows.js';

export interface MovedDay {
  /** Of the day, on the ledger that was left. */
  records: number;
  /** Those of them that were not on the other one yet. */
  added: number;
  /** Of the other ledger, with what it had of the day before. */
  totals: DayTotals;
  /** Unresolved payments of other days, which stay behind. */
  leftUnresolved: number;
}

/**
 * Takes what the ledger has of one day to another ledger, which may have other days, and the same day by other machines, and may be in use. What is
 * there already counts once. The day stays here, too, since no record is ever deleted; spending is stopped here, so that no cap is there twice.
 * @throws CodedError ledger_unavailable: nothing was moved, and why
 */
export async function moveDay({ day, from, to, audit }: { day: string; from: SqlStore; to: SqlStore; audit: AuditLog }): Promise<MovedDay> {
  refuseSamePlace(from, to);
  return from.write(async (source, at) => {
    await refuseWhenInUse(source);
    const moved = await to.write((target) => bringDay({ day, from, to, source, target }));
    await stopSpending(source, { at, reason: `${day} was moved to ${to.name}` });
    const { records, totals } = moved;
    await audit.append(source, { event: 'ledger_day_moved', day, to: to.name, records, spent: formatUsd(totals.spentMicroUsd) });
    return { ...moved, leftUnresolved: await countUnresolvedBesides(source, day) };
  });
}

async function bringDay(sides: Sides): Promise<Omit<MovedDay, 'leftUnresolved'>> {
  const { source, target, day } = sides;
  const row = await source.selectFrom('day').selectAll().where('day', '=', day).executeTakeFirst();
  if (!row) throw refusal(`it has nothing of ${day}`);
  const before = await sumsOf(target, day);
  const { records, added, hasTakeover } = await bringRecords(sides);
  await compareRecords(sides);
  const after = await sumsOf(target, day);
  // How many calls were taken over with a day is in no record, only in its total.
  const takenOverCalls = hasTakeover ? row.calls - (await sumsOf(source, day)).all.calls : 0n;
  const change = grownBy(after.all, before.all);
  change.calls += takenOverCalls;
  const raised = await bringAllowances(sides);
  await bringPins(sides);
  const totals = await addToDay(target, { row, change, raised });
  refuseDifference(totals, after.all);
  for (const [client, sums] of after.clients) {
    const ofClient = await addToClient(target, { day, client, change: grownBy(sums, before.clients.get(client)) });
    refuseDifference(ofClient, sums);
  }
  return { records, added, totals: totalsFrom(totals) };
}

/** @throws CodedError ledger_unavailable when what the other ledger keeps of the day is not what its records add up to */
function refuseDifference(totals: TotalsRow | ClientDayRow, sums: Sums): void {
  for (const name of ['spent', 'held', 'signed', 'unresolved'] as const) {
    if (totals[name] !== sums[name])
      throw refusal(`there the day has ${totals[name]} micro-USD ${name}, and records of ${sums[name]}: run audit verify there`);
  }
}

/** Brings what operators have added for the day. Returns how much of it was not there yet. */
async function bringAllowances({ source, target, day }: Sides): Promise<bigint> {
  const rowsOf = (db: LedgerTransaction) =>
    db.selectFrom('allowance').select(['day', 'amount', 'at', 'reason']).where('day', '=', day).orderBy('seq').execute();
  const known = new Set((await rowsOf(target)).map(allowanceText));
  const missing = (await rowsOf(source)).filter((row) => !known.has(allowanceText(row)));
  if (missing.length > 0) await target.insertInto('allowance').values(missing).execute();
  return missing.reduce((sum, { amount }) => sum + amount, 0n);
}

function allowanceText({ amount, at, reason }: { amount: bigint; at: bigint; reason: string }): string {
  return `${amount} ${at} ${reason}`;
}

/** Those of sellers that are known there stay as they are: whoever pays there trusts them. */
async function bringPins({ source, target }: Sides): Promise<void> {
  const pins = await source.selectFrom('payee_pin').selectAll().execute();
  if (pins.length === 0) return;
  await target
    .insertInto('payee_pin')
    .values(pins)
    .onConflict((conflict) => conflict.columns(['seller', 'network']).doNothing())
    .execute();
}

async function addToDay(
  target: LedgerTransaction,
  { row, change, raised }: { row: DayRow; change: Sums; raised: bigint },
): Promise<TotalsRow> {
  const { day, is_clock_error } = row;
  await target
    .insertInto('day')
    .values({ ...emptyDay(day), is_clock_error })
    .onConflict((conflict) => conflict.column('day').doNothing())
    .execute();
  const { minute } = await target
    .updateTable('day')
    .set({ raised: sql`raised + ${raised}` })
    .where('day', '=', day)
    .returning('minute')
    .executeTakeFirstOrThrow();
  const { rows } = await target.executeQuery(ledgerQueries(target).changeTotals({ ...inNoMinute(minute), day, ...change }));
  if (!rows[0]) throw refusal(`there are no totals of ${day} there`);
  return rows[0];
}

async function addToClient(
  target: LedgerTransaction,
  { day, client, change }: { day: string; client: string; change: Sums },
): Promise<ClientDayRow> {
  await target
    .insertInto('client_day')
    .values(emptyClientDay(day, client))
    .onConflict((conflict) => conflict.columns(['day', 'client']).doNothing())
    .execute();
  const row = target.selectFrom('client_day').selectAll().where('day', '=', day).where('client', '=', client);
  const { minute } = await row.executeTakeFirstOrThrow();
  await target.executeQuery(ledgerQueries(target).changeClientTotals({ ...inNoMinute(minute), day, client, ...change }));
  return row.executeTakeFirstOrThrow();
}

/** What is brought was signed in minutes that are over: the row's own newest minute stays as it counts. */
function inNoMinute(minute: bigint) {
  return { minute, minute_requests: 0n, minute_signed: 0n };
}

async function countUnresolvedBesides(source: LedgerTransaction, day: string): Promise<number> {
  const rows = await source
    .selectFrom('open_hold')
    .crossJoin('entry') // an inner join would let SQLite go through every entry that there ever was
    .whereRef('entry.hold_id', '=', 'open_hold.hold_id')
    .where('entry.step', '=', 0n)
    .where('entry.day', '!=', day)
    .select('open_hold.hold_id')
    .execute();
  return rows.length;
}
