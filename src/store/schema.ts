import type { ColumnType, Generated, Transaction } from 'kysely';

/** How the machine is called on a ledger that no other one shares. */
export const ONLY_MACHINE = 'this machine';

/** A column that a row has from its birth and that no later statement may change. */
type Fixed<T> = ColumnType<T, T, never>;

/**
 * What the newest UTC minute in which the row changed has used of a limit; in a later one nothing is used yet. `minute` counts the minutes
 * since 1970.
 */
interface MinuteUse {
  minute: Generated<bigint>;
  /** Holds placed in it. */
  minute_requests: Generated<bigint>;
  /** What was signed in it, whatever came of it. */
  minute_signed: Generated<bigint>;
}

export type LedgerTransaction = Transaction<LedgerSchema>;

/** Amounts are bigint micro-USD, times are epoch milliseconds, days are UTC days such as `2026-06-06`. */
export interface LedgerSchema {
  /** Totals of a day, kept in step with its entries inside the same transactions. */
  day: MinuteUse & {
    day: string;
    spent: bigint;
    held: bigint;
    signed: bigint;
    unresolved: bigint;
    calls: bigint;
    /** How much the newest hold took, so that the statement that places it can return it. */
    newest_hold: bigint;
    /** What operators have added to the daily cap, for this day only; the sum of its `allowance` rows. */
    raised: Generated<bigint>;
    /** 1 where an operator has said that the day came from a wrong clock: it no longer stops earlier days from being paid on. */
    is_clock_error: Generated<bigint>;
  };
  /** The same totals of what was placed for one client; what no client is known of is in `day` alone. */
  client_day: MinuteUse & {
    day: string;
    client: string;
    spent: bigint;
    held: bigint;
    signed: bigint;
    unresolved: bigint;
    calls: bigint;
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
    /** On Solana, the height of the last block that can take it. */
    last_valid_block: Fixed<bigint | null>;
    /** The settlement transaction, where the seller's receipt named one. */
    transaction_id: Fixed<string | null>;
    reason: Fixed<string | null>;
    /** What the seller said of a payment that is unresolved. */
    seller_says: Fixed<'not-charged' | null>;
    /** Where the hold was placed; null in records from before ledgers were shared. */
    machine: Fixed<string | null>;
    /** The machine that wrote the record, whose audit has its line; null as `machine`. */
    audited_by: Fixed<string | null>;
    /** The name of the client that it was placed for; null where none was known. */
    client: Fixed<string | null>;
  };
  /** The holds that have not ended, kept in step with `entry` inside the same transactions: what recovery has to look at. */
  open_hold: {
    hold_id: string;
    state: string;
    /** The instance that placed it. */
    owner: string | null;
  };
  /** The processes that serve from this ledger. One that stops takes its row away; one that died leaves it. */
  instance: { id: string; host: string; pid: bigint; seen_at: bigint };
  /** What operators have added to the cap of a day. Rows are never changed or deleted. */
  allowance: { seq: Generated<bigint>; day: Fixed<string>; amount: Fixed<bigint>; at: Fixed<bigint>; reason: Fixed<string> };
  /** Why no hold is placed; over once it has an end. */
  stop: {
    seq: Generated<bigint>;
    at: Fixed<bigint>;
    reason: Fixed<string>;
    ended_at: bigint | null;
    ended_reason: string | null;
  };
  /** The machines of whose pause file the audit has told that it is there. */
  pause_file: { machine: string; since: bigint };
  /** Where the audit of each machine ends according to the ledger. `part` counts the files that it has gone through. */
  audit_head: { machine: string; hash: string; bytes: bigint; part: bigint };
  /** Audit lines that may not be on disk yet: what a power cut takes from the file is put back from here. */
  audit_tail: { seq: Generated<bigint>; machine: string; line: string };
  /** The payee that each seller was first paid at. */
  payee_pin: { seller: string; network: string; payee: string; pinned_at: bigint };
  /** Whom operators trusted since; the last word counts. */
  payee_trust: {
    seq: Generated<bigint>;
    seller: Fixed<string>;
    network: Fixed<string>;
    payee: Fixed<string>;
    at: Fixed<bigint>;
    reason: Fixed<string>;
  };
}
