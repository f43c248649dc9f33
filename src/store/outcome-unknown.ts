import { CodedError } from '../errors/coded-error.js';

/** A transaction was lost in the middle of its commit, and nobody could say within the time for it whether it was done. */
export class OutcomeUnknown extends CodedError {
  constructor(reason: string, { ledger, cause }: { ledger: string; cause: unknown }) {
    super(
      'ledger_unavailable',
      `The ledger was lost in the middle of a booking, whose outcome nobody knows yet (${reason}). Nothing is paid on it: check ${ledger}.`,
      { cause },
    );
  }
}
