import type { CompiledQuery, Dialect, Kysely } from 'kysely';
import type { LedgerSchema, LedgerTransaction } from './schema.js';

/** What a write transaction knows of itself as soon as it has its turn. */
export interface Turn<Row = unknown> {
  /** The server's time, later than that of every transaction before; undefined: the machine's clock is the only one. */
  at: Date | undefined;
  /** Names the transaction after its end; undefined: an engine that always knows what became of it. */
  id: string | undefined;
  /** What was read with it. */
  rows: Row[];
}

/** Where one of the writes that share a transaction begins, so that what it wrote can be taken back alone. */
export interface Savepoint {
  set(): void;
  /** What was written since stays, if the transaction does. */
  release(): void;
  /** @throws where the database has given up the whole transaction */
  takeBack(): void;
}

/** How writes come into the database. */
export interface Transactions {
  /**
   * Runs the work in a transaction. @throws what the work throws, and the database's own error; all that was written is taken back then
   */
  transact<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T>;
}

/** What differs between the databases that a ledger can be on. */
export interface SqlEngine {
  /** As it may be shown: without a password. */
  readonly name: string;
  readonly dialect: Dialect;
  /** Whether what it has confirmed, and not waived, survives a power cut as it is: then a ledger that knows less was put back. */
  readonly keepsConfirmed: boolean;
  readonly transactions: Transactions;
  /** With it writes share a transaction (`GroupCommit`); undefined where a commit can be left without an answer, so that each has its own. */
  readonly savepoint: Savepoint | undefined;
  /** Begins a transaction that sees one moment and writes nothing. */
  readonly beginSnapshot: string;
  /** Checks, before anything else, that what this database confirms is really kept. @throws with what to change */
  verify(db: Kysely<LedgerSchema>): Promise<void>;
  /** The first statement of every write transaction: waits until it is the only one. What is to be `read` then is sent along. */
  takeTurn<Row>(tx: Kysely<LedgerSchema>, read?: CompiledQuery<Row>): Promise<Turn<Row>>;
  /** Statements after which the transaction need not be on disk when it is confirmed. */
  waivingDisk(): CompiledQuery<unknown>[];
  /** The server's time; undefined: the machine's clock is the only one. */
  time(db: Kysely<LedgerSchema>): Promise<Date | undefined>;
  /** Whether the transaction was committed. @throws while nobody can say */
  hasCommitted(db: Kysely<LedgerSchema>, id: string): Promise<boolean>;
  /** Everything that was committed before this call, and has not waived it, is on disk once it resolves. @throws the disk's own error */
  makeDurable(): Promise<void>;
  /** After the last statement. */
  close(): void;
}
