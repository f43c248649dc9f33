import type { SignedAuthorization } from '../money/authorization.js';
import type { DayRow, Entry, NewEntry, TotalsChange } from './ledger-queries.js';
import { type DayTotals, type Hold, type HoldState, totalOf } from './hold.js';

/** The fields of an entry for which nothing was signed yet. */
export const UNSIGNED = {
  network: null,
  asset: null,
  payer: null,
  payee: null,
  nonce: null,
  valid_before: null,
  transaction_id: null,
  reason: null,
  seller_says: null,
};

export function holdFrom(entry: Pick<NewEntry, 'hold_id' | 'day' | 'state' | 'amount' | 'model'>): Hold {
  return {
    id: entry.hold_id,
    day: entry.day,
    state: entry.state as HoldState,
    amountMicroUsd: entry.amount,
    model: entry.model ?? '',
  };
}

export function authorizationFrom(entry: NewEntry): SignedAuthorization | undefined {
  const { network, asset, payer, payee, nonce, valid_before: validBefore, amount: amountMicroUsd } = entry;
  if (!network || !asset || !payer || !payee || !nonce || !validBefore) return undefined;
  return { network, asset, payer, payee, nonce, validBefore, amountMicroUsd };
}

export function totalsFrom(row: DayRow): DayTotals {
  return {
    day: row.day,
    spentMicroUsd: row.spent,
    heldMicroUsd: row.held,
    signedMicroUsd: row.signed,
    unresolvedMicroUsd: row.unresolved,
    raisedMicroUsd: row.raised,
    calls: Number(row.calls),
  };
}

export function emptyDay(day: string): DayRow {
  return { day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n, newest_hold: 0n, raised: 0n, is_clock_error: 0n };
}

/** What leaving one state and entering another does to the totals of the day. `from` is undefined for a record that begins as an end. */
export function totalsChange(from: Entry | undefined, to: NewEntry, countsCall: boolean): TotalsChange {
  const change = { day: to.day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: countsCall ? 1n : 0n };
  const left = from && totalOf(from.state as HoldState);
  const entered = totalOf(to.state as HoldState);
  if (from && left) change[left] -= from.amount;
  if (entered) change[entered] += to.amount;
  return change;
}
