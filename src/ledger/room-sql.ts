import { type RawBuilder, sql } from 'kysely';
import { NO_LIMIT } from './limit.js';

type Amount = RawBuilder<bigint>;

/** What room is taken by: names of blanks (store/query-template.ts). What is not limited is `NO_LIMIT`. */
export interface RoomValues {
  day: string;
  max: bigint;
  cap: bigint;
  perMinute: bigint;
  requests: bigint;
  minute: bigint;
}

/** A value that is filled in when the statement runs. */
type BlankOf<Values> = <Name extends keyof Values>(name: Name) => Values[Name];

/**
 * How min(max, what is left of the day and of the minute) is taken from a row that keeps their totals, and whether there is room for that.
 * `raised` is what the row adds to its cap, `lesser` the database's own function.
 */
export function takingRoom(
  blank: BlankOf<RoomValues>,
  { raised, lesser }: { raised: RawBuilder<unknown>; lesser: (one: Amount, other: Amount) => Amount },
) {
  const { requests, signed } = thisMinute(blank('minute'));
  const ofDay: Amount = sql`(${blank('cap')} ${raised} - spent - signed - unresolved)`;
  const ofMinute: Amount = sql`(${blank('perMinute')} - ${signed})`;
  const left = lesser(ofDay, ofMinute);
  const wanted = lesser(left, sql`${blank('max')}`);
  return {
    set: {
      held: sql<bigint>`held + ${wanted}`,
      newest_hold: wanted,
      minute: blank('minute'),
      minute_requests: sql<bigint>`${requests} + 1`,
      minute_signed: signed,
    },
    isThere: sql<boolean>`${left} > 0 and held + ${wanted} <= ${left} and ${requests} < ${blank('requests')}`,
  };
}

/** By how much the totals of a day change, and what that is for its minute. */
export interface TotalsValues {
  day: string;
  spent: bigint;
  held: bigint;
  signed: bigint;
  unresolved: bigint;
  calls: bigint;
  minute: bigint;
  minute_requests: bigint;
  minute_signed: bigint;
}

export function changedTotals(blank: BlankOf<TotalsValues>) {
  const { requests, signed } = thisMinute(blank('minute'));
  const plus = (name: 'spent' | 'held' | 'signed' | 'unresolved' | 'calls') => sql<bigint>`${sql.ref(name)} + ${blank(name)}`;
  return {
    spent: plus('spent'),
    held: plus('held'),
    signed: plus('signed'),
    unresolved: plus('unresolved'),
    calls: plus('calls'),
    minute: blank('minute'),
    minute_requests: sql<bigint>`${requests} + ${blank('minute_requests')}`,
    minute_signed: sql<bigint>`${signed} + ${blank('minute_signed')}`,
  };
}

/** Whether fewer calls are in flight than may be. Nothing is counted where there is no such limit. */
export function isConcurrencyLeft(concurrent: bigint): RawBuilder<boolean> {
  const inFlight = sql`(select count(*) from open_hold where state <> 'unresolved')`;
  return sql`(${concurrent} >= ${sql.raw(String(NO_LIMIT))} or ${inFlight} < ${concurrent})`;
}

export const isNotStopped = sql<boolean>`not exists (select 1 from stop where ended_at is null)`;

/** What the row has counted in the given minute: nothing where it last changed in another one. */
function thisMinute(minute: bigint): { requests: Amount; signed: Amount } {
  const inIt = (column: string): Amount => sql`(case when minute = ${minute} then ${sql.ref(column)} else 0 end)`;
  return { requests: inIt('minute_requests'), signed: inIt('minute_signed') };
}
