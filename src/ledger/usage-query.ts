import { type Kysely, sql } from 'kysely';
import type { LedgerSchema } from '../store/schema.js';
import type { HoldState } from './hold.js';
import type { DayRange, HoldGroup, UsageRecords } from './usage.js';

interface Row {
  /** Null: the row is the total of the day. */
  state: HoldState | null;
  day: string;
  model: string | null;
  payee: string | null;
  machine: string | null;
  client: string | null;
  holds: bigint;
  calls: bigint;
  amount: bigint;
}

/**
 * One statement, so that it sees one moment without a lock: a proxy that books meanwhile neither waits nor shows up by halves.
 *
 * The holds that have ended come out of the index `entry_report` alone, which is used only where its condition stands here word for word,
 * and in its order, so that nothing is sorted. A record that begins as settled (step 0) is a takeover or an overrun, and no call; a hold
 * that was given back without a reason was answered for nothing, and is one.
 *
 * `cross join` has SQLite begin with the few open holds; by itself it would go through every entry.
 */
export function usageQuery({ from, to }: DayRange) {
  return sql<Row>`
    select day, state, model, payee, machine, client, count(*) as holds, sum(amount) as amount,
        count(*) filter (where (state = 'settled' and step > 0) or (state = 'released' and reason is null)) as calls
      from entry where state in ('settled', 'released', 'expired') and day between ${from} and ${to}
      group by day, state, model, payee, machine, client
    union all
    select entry.day, entry.state, entry.model, entry.payee, entry.machine, entry.client, count(*), sum(entry.amount), 0
      from open_hold cross join entry
      where entry.hold_id = open_hold.hold_id and entry.state = open_hold.state and entry.day between ${from} and ${to}
      group by entry.day, entry.state, entry.model, entry.payee, entry.machine, entry.client
    union all
    select day, null, null, null, null, null, 0, spent, calls from day where day between ${from} and ${to}`;
}

export async function readUsage(db: Kysely<LedgerSchema>, range: DayRange): Promise<UsageRecords> {
  const { rows } = await usageQuery(range).execute(db);
  return {
    groups: rows.flatMap((row) => groupFrom(row) ?? []),
    days: rows.flatMap(({ state, day, amount, calls }) => (state === null ? { day, spentMicroUsd: amount, calls: Number(calls) } : [])),
  };
}

function groupFrom({ state, day, model, payee, machine, client, holds, calls, amount: amountMicroUsd }: Row): HoldGroup | undefined {
  if (state === null) return undefined;
  const paidCalls = state === 'settled' ? Number(calls) : 0;
  return { day, state, model, payee, machine, client, holds: Number(holds), calls: Number(calls), paidCalls, amountMicroUsd };
}
