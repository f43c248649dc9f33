import { formatUsd } from '../money/micro-usd.js';
import { type Hold, totalOf } from './hold.js';

/** What an entry of the ledger and its audit line both tell of a move. The words are compared as they stand. */
export interface AuditedMove {
  holdId: string;
  day: string;
  state: string;
  /** What counts from then on: nothing where the hold was given back. */
  amount: string;
  /** Undefined where nobody knows whose it is. */
  client: string | undefined;
}

/** The move that an audit line tells of (booking-event.ts, takeover.ts); undefined for a line about something else. */
export function moveOfLine(facts: Record<string, unknown>): AuditedMove | undefined {
  const { event, requestId: id, state, amount, booked, spent } = facts;
  if (event === 'payment_signed') return moveOf(facts, { id, state: 'signed', amount });
  if (event === 'ledger_takeover') return moveOf(facts, { id: `takeover-${word(facts['day'])}`, state: 'settled', amount: spent });
  return state === undefined ? undefined : moveOf(facts, { id, state, amount: booked });
}

/** The move of an entry; undefined for one that leaves no line: a hold that is placed. */
export function moveOfEntry(hold: Hold): AuditedMove | undefined {
  const { id, state, amountMicroUsd } = hold;
  if (state === 'held') return undefined;
  return moveOf(hold, { id, state, amount: formatUsd(totalOf(state) === undefined ? 0n : amountMicroUsd) });
}

export function isSameMove(one: AuditedMove, other: AuditedMove): boolean {
  return describeMove(one) === describeMove(other);
}

export function describeMove({ holdId, day, state, amount, client }: AuditedMove): string {
  return `hold ${holdId} of ${day}${client === undefined ? '' : ` and client ${client}`} becoming ${state} at ${amount} USD`;
}

function moveOf(
  { day, client }: { day?: unknown; client?: unknown },
  { id, state, amount }: { id: unknown; state: unknown; amount: unknown },
): AuditedMove {
  const name = client === undefined ? undefined : word(client);
  return { holdId: word(id), day: word(day), state: word(state), amount: word(amount), client: name };
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
