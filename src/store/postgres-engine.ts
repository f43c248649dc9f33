import { CompiledQuery, type Dialect, type Kysely, PostgresDialect, sql } from 'kysely';
import pg, { type CustomTypesConfig } from 'pg';
import { DirectTransactions } from './direct-transactions.js';
import { PostgresConnections } from './postgres-connections.js';
import { recurring } from './query-template.js';
import type { LedgerSchema } from './schema.js';
import type { SqlEngine, Transactions, Turn } from './sql-engine.js';
import { together } from './together.js';

const { Pool, types } = pg;

/** More would only wait for each other's turn. */
const CONNECTIONS = 6;
/** It also bounds how long a call waits for a connection while hundreds are at once. */
const CONNECT_TIMEOUT_MS = 20_000;
/** A transaction of the ledger takes milliseconds: whoever waits longer for its turn, or answers later, is in trouble. */
const LOCK_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 8000;
const ANSWER_TIMEOUT_MS = 10_000;
/** The server ends a transaction whose process has gone silent, before those that wait for their turn give up. */
const IDLE_TIMEOUT_MS = 3000;
/** Longer than between two beats of a proxy (ledger/instance.ts), so that a call after a quiet hour finds a connection. */
const UNUSED_TIMEOUT_MS = 60_000;
/** Any number that nothing else on this database uses: the first eight bytes of "blockrun". */
const TURN_LOCK = 0x626c_6f63_6b72_756en;
/** The time is taken once the lock is there, so that it never goes back from one transaction to the next. */
const TURN = recurring(
  CompiledQuery.raw(
    `select clock_timestamp() as at, pg_current_xact_id()::text as id
      from (select pg_advisory_xact_lock($1)::text as turn offset 0) as turns where turn is not null`,
    [TURN_LOCK],
  ) as CompiledQuery<{ at: Date; id: string }>,
);
const WAIVING_DISK = recurring(CompiledQuery.raw(`select set_config('synchronous_commit', $1, true)`, ['off']));
/** `pg_current_xact_id` is there from 13 on. */
const OLDEST_VERSION = 130_000;

/** Counts and amounts are bigint everywhere; `sum` over bigint makes a whole `numeric`. */
const BIGINT_TYPES: readonly number[] = [types.builtins.INT8, types.builtins.NUMERIC];
const TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number) => (BIGINT_TYPES.includes(oid) ? (text: string) => BigInt(text) : types.getTypeParser(oid)) as never,
};

interface Settings {
  version: string;
  synchronous_commit: string;
  fsync: string;
  in_recovery: boolean;
  read_only: string;
}

/**
 * PostgreSQL, shared by the proxies of several machines.
 *
 * A commit is on the server's disk when it is confirmed, so there is nothing to sync afterwards. Write transactions take turns by one
 * advisory lock, as they do by the write lock of SQLite: nearly all change the row of the day, and would wait for each other there anyway.
 */
export class PostgresEngine implements SqlEngine {
  readonly name: string;
  readonly dialect: Dialect;
  readonly keepsConfirmed = true;
  readonly transactions: Transactions;
  readonly savepoint = undefined;
  readonly beginSnapshot = 'begin isolation level repeatable read read only';

  constructor(url: string) {
    this.name = withoutPassword(url);
    const pool = new Pool({
      connectionString: url,
      max: CONNECTIONS,
      application_name: 'blockrun-openclaw-proxy',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: UNUSED_TIMEOUT_MS,
      pipeline: true,
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TIMEOUT_MS,
      keepAlive: true,
      types: TYPES,
    });
    // Whoever uses a connection that is lost gets the error; unheard, it would end the process. The pool makes a new one.
    pool.on('error', () => undefined);
    pool.on('connect', (connection) => void connection.on('error', () => undefined));
    this.dialect = new PostgresDialect({ pool });
    const connections = new PostgresConnections(pool);
    this.transactions = new DirectTransactions(this.dialect, () => connections.connect());
  }

  async verify(db: Kysely<LedgerSchema>): Promise<void> {
    const { rows } = await sql<Settings>`select current_setting('server_version_num') as version, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as synchronous_commit, pg_is_in_recovery() as in_recovery,
      current_setting('transaction_read_only') as read_only`.execute(db);
    const problem = rows[0] && problemOf(rows[0]);
    if (problem !== undefined) throw new Error(problem);
  }

  async takeTurn<Row>(tx: Kysely<LedgerSchema>, read?: CompiledQuery<Row>): Promise<Turn<Row>> {
    const [{ rows }, found] = await together(tx, read ? [TURN, read] : [TURN]);
    const [turn] = rows;
    if (!turn) throw new Error('the server gave no turn');
    return { ...turn, rows: found?.rows ?? [] };
  }

  waivingDisk(): CompiledQuery<unknown>[] {
    return [WAIVING_DISK];
  }

  async time(db: Kysely<LedgerSchema>): Promise<Date> {
    const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db);
    if (!rows[0]) throw new Error('the server told no time');
    return rows[0].at;
  }

  async hasCommitted(db: Kysely<LedgerSchema>, id: string): Promise<boolean> {
    const { rows } = await sql<{ status: string | null }>`select pg_xact_status(${id}::xid8) as status`.execute(db);
    const status = rows[0]?.status;
    if (status === 'committed' || status === 'aborted') return status === 'committed';
    throw new Error(`the server says of transaction ${id}: ${status ?? 'too long ago'}`);
  }

  makeDurable(): Promise<void> {
    return Promise.resolve(); // every confirmed commit is
  }

  close(): void {
    // The pool ends with the dialect's driver.
  }
}

function problemOf({
  version,
  synchronous_commit: commit,
  fsync,
  in_recovery: inRecovery,
  read_only: readOnly,
}: Settings): string | undefined {
  if (Number(version) < OLDEST_VERSION) return 'the server is older than PostgreSQL 13';
  if (inRecovery) return 'the server is a standby or in recovery: name the primary';
  if (readOnly === 'on') return 'the server takes no writes (default_transaction_read_only is on)';
  if (commit === 'off') return 'synchronous_commit is off, so a confirmed signature may be lost: set it to on for this database and role';
  if (fsync === 'off') return 'fsync is off, so a confirmed signature may be lost: set it to on';
  return undefined;
}

function withoutPassword(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username && `${username}@`}${host}${pathname}`;
}
