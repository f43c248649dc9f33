import type { AuditEvent } from '../audit/audit-line.js';
import { CodedError } from '../errors/coded-error.js';
import type { Receipt } from '../money/authorization.js';
import { outcomeEvent } from './booking-event.js';
import type { DayTotals, Hold, HoldState } from './hold.js';
import type { Entry, NewEntry } from './ledger-queries.js';
import { authorizationFrom } from './ledger-rows.js';
import type { CallReport, Finding } from './ledger.js';

/** What a move adds to the record, and which line it leaves in the audit. */
export interface Move {
  to: HoldState;
  /** Where given, the only states that the move may start from, of those that are legal. */
  from?: readonly HoldState[] | undefined;
  /** Whether the hold, which is in the state `to` already, got there by this very move. */
  isRepeated?: (last: Entry) => boolean;
  /** Fields of the new entry; the others are carried over from the entry before. */
  entry?: Partial<NewEntry>;
  countsCall?: boolean | undefined;
  event: (hold: Hold, entry: NewEntry) => MoveEvent;
}

/** The audit line of a move, or of what it is made once the totals are known. */
export type MoveEvent = AuditEvent | ((totals: DayTotals) => AuditEvent);

/** How a call, or what was found out about it, ended. */
export type Outcome = { report: CallReport | Finding; receipt?: Receipt | undefined };

/** The move that an outcome makes. */
export function outcomeMove(
  to: HoldState,
  { report, receipt }: Outcome,
  { from, countsCall }: Pick<Move, 'from' | 'countsCall'> = {},
): Move {
  return {
    to,
    from,
    countsCall,
    entry: { reason: report.reason ?? null, ...(receipt && { transaction_id: receipt.transaction }) },
    event: (hold, entry) => (totals) => outcomeEvent({ report, hold, totals, receipt, authorization: authorizationFrom(entry) }),
  };
}

export function refusal(reason: string): CodedError {
  return new CodedError('ledger_unavailable', `The ledger refused a move: ${reason}. Nothing was changed.`);
}
