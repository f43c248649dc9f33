import type { SignedAuthorization } from '../money/authorization.js';
import type { ClientDayRow, DayRow, Entry, NewEntry, TotalsRow } from './ledger-queries.js';
import { type ClientTotals, type DayTotals, type Hold, type HoldState, totalOf } from './hold.js';
import { minuteOf } from './limit.js';
import type { TotalsValues } from './room-sql.js';

export function holdFrom(entry: Pick<NewEntry, 'hold_id' | 'day' | 'state' | 'amount' | 'model' | 'client'>): Hold {
  return {
    id: entry.hold_id,
    day: entry.day,
    state: entry.state as HoldState,
    amountMicroUsd: entry.amount,
    model: entry.model ?? '',
    client: entry.client ?? undefined,
  };
}

export function authorizationFrom(entry: NewEntry): SignedAuthorization | undefined {
  const { network, asset, payer, payee, nonce, valid_before: validBefore, last_valid_block: lastBlock, amount: amountMicroUsd } = entry;
  if (!network || !asset || !payer || !payee || !nonce || !validBefore) return undefined;
  const authorization = { network, asset, payer, payee, nonce, validBefore, amountMicroUsd };
  return lastBlock === null ? authorization : { ...authorization, lastValidBlockHeight: lastBlock };
}

export function totalsFrom(row: TotalsRow): DayTotals {
  return { day: row.day, ...amountsFrom(row), raisedMicroUsd: row.raised, calls: Number(row.calls) };
}

export function clientTotalsFrom(row: ClientDayRow): ClientTotals {
  return { day: row.day, client: row.client, ...amountsFrom(row), calls: Number(row.calls) };
}

function amountsFrom({ spent, held, signed, unresolved }: Pick<DayRow, 'spent' | 'held' | 'signed' | 'unresolved'>) {
  return { spentMicroUsd: spent, heldMicroUsd: held, signedMicroUsd: signed, unresolvedMicroUsd: unresolved };
}

const NOTHING = {
  spent: 0n,
  held: 0n,
  signed: 0n,
  unresolved: 0n,
  calls: 0n,
  newest_hold: 0n,
  minute: 0n,
  minute_requests: 0n,
  minute_signed: 0n,
};

export function emptyDay(day: string): DayRow {
  return { day, ...NOTHING, raised: 0n, is_clock_error: 0n };
}

export function emptyClientDay(day: string, client: string): ClientDayRow {
  return { day, client, ...NOTHING };
}

/** What leaving one state and entering another does to the totals of the day. `from` is undefined for a record that begins as an end. */
export function totalsChange(from: Entry | undefined, to: NewEntry, countsCall: boolean): TotalsValues {
  const change = {
    day: to.day,
    spent: 0n,
    held: 0n,
    signed: 0n,
    unresolved: 0n,
    calls: countsCall ? 1n : 0n,
    minute: minuteOf(to.at),
    minute_requests: 0n,
    minute_signed: to.state === 'signed' ? to.amount : 0n,
  };
  const left = from && totalOf(from.state as HoldState);
  const entered = totalOf(to.state as HoldState);
  if (from && left) change[left] -= from.amount;
  if (entered) change[entered] += to.amount;
  return change;
}
