import type { ColumnType, Generated } from 'kysely';

/** A column that a row has from its birth and that no later statement may change. */
type Fixed<T> = ColumnType<T, T, never>;

/** Amounts are bigint micro-USD, times are epoch milliseconds, days are UTC days such as `2026-06-06`. */
export interface LedgerSchema {
  /** Totals of a day, kept in step with its entries inside the same transactions. */
  day: {
    day: string;
    spent: bigint;
    held: bigint;
    signed: bigint;
    unresolved: bigint;
    calls: bigint;
    /** How much the newest hold took, so that the statement that places it can return it. */
    newest_hold: bigint;
  };
  /** The record: one row each time a hold enters a state. Rows are never changed or deleted (a trigger sees to it). */
  entry: {
    seq: Generated<bigint>;
    hold_id: Fixed<string>;
    /** 0 for the first state of the hold, then 1, 2 …; unique with hold_id, so two writers cannot both move a hold. */
    step: Fixed<bigint>;
    state: Fixed<string>;
    day: Fixed<string>;
    amount: Fixed<bigint>;
    at: Fixed<bigint>;
    model: Fixed<string | null>;
    network: Fixed<string | null>;
    asset: Fixed<string | null>;
    payer: Fixed<string | null>;
    payee: Fixed<string | null>;
    nonce: Fixed<string | null>;
    /** Epoch seconds after which the authorization is worthless, as EIP-3009 has it. */
    valid_before: Fixed<bigint | null>;
    /** The settlement transaction, where the seller's receipt named one. */
    transaction_id: Fixed<string | null>;
    reason: Fixed<string | null>;
  };
  /** Where the audit file ends according to the ledger: one row. */
  audit_head: { id: bigint; hash: string; bytes: bigint };
  /** Audit lines that may not be on disk yet: what a power cut takes from the file is put back from here. */
  audit_tail: { seq: Generated<bigint>; line: string };
  /** The payee that each seller was first paid at. */
  payee_pin: { seller: string; network: string; payee: string; pinned_at: bigint };
}
