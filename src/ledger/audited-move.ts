import { formatUsd } from '../money/micro-usd.js';
import { type Hold, totalOf } from './hold.js';

/** What an entry of the ledger and its audit line both tell of a move. The words are compared as they stand. */
export interface AuditedMove {
  holdId: string;
  day: string;
  state: string;
  /** What counts from then on: nothing where the hold was given back. */
  amount: string;
}

/** The move that an audit line tells of (booking-event.ts, takeover.ts); undefined for a line about something else. */
export function moveOfLine(facts: Record<string, unknown>): AuditedMove | undefined {
  const { event, requestId, day, state, amount, booked, spent } = facts;
  if (event === 'payment_signed') return moveOf(requestId, day, 'signed', amount);
  if (event === 'ledger_takeover') return moveOf(`takeover-${word(day)}`, day, 'settled', spent);
  return state === undefined ? undefined : moveOf(requestId, day, state, booked);
}

/** The move of an entry; undefined for one that leaves no line: a hold that is placed. */
export function moveOfEntry({ id, day, state, amountMicroUsd }: Hold): AuditedMove | undefined {
  if (state === 'held') return undefined;
  return moveOf(id, day, state, formatUsd(totalOf(state) === undefined ? 0n : amountMicroUsd));
}

export function isSameMove(one: AuditedMove, other: AuditedMove): boolean {
  return one.holdId === other.holdId && one.day === other.day && one.state === other.state && one.amount === other.amount;
}

export function describeMove({ holdId, day, state, amount }: AuditedMove): string {
  return `hold ${holdId} of ${day} becoming ${state} at ${amount} USD`;
}

function moveOf(...[holdId, day, state, amount]: [unknown, unknown, unknown, unknown]): AuditedMove {
  return { holdId: word(holdId), day: word(day), state: word(state), amount: word(amount) };
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
