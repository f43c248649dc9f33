import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { CompiledQuery, Dialect, Kysely } from 'kysely';
import Database from 'libsql';
import type { LedgerSchema } from './schema.js';
import { DirectTransactions } from './direct-transactions.js';
import type { Savepoint, SqlEngine, Transactions, Turn } from './sql-engine.js';
import { SqliteConnection, SqliteFileDialect } from './sqlite-driver.js';

const sync = promisify(fdatasync);

/** Waits this long for another process that is writing, then fails with SQLITE_BUSY. */
const BUSY_TIMEOUT_MS = 5000;

/** Half of SQLite's own: a call changes a few rows of a dozen pages, and each of them is written whole. A file that is there keeps its own. */
const PAGE_BYTES = 2048;

/**
 * The log may grow to this size, four times SQLite's own, before a commit has to move its pages into the database and sync both: the pages
 * that every call changes are then moved a quarter as often.
 */
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * SQLite in WAL mode on one connection.
 *
 * Commits do not sync by themselves (`synchronous = NORMAL`): that would hold the write lock and block the event loop for as long as
 * the disk takes. What must survive a power cut calls `makeDurable()`, which syncs the log file outside of any lock, off the event loop,
 * and serves every caller that waits with one sync (docs/decisions/0002-durability.md).
 */
export class SqliteEngine implements SqlEngine {
  readonly name: string;
  readonly dialect: Dialect;
  readonly keepsConfirmed = false;
  readonly beginSnapshot = 'begin';
  readonly transactions: Transactions;
  readonly savepoint: Savepoint;
  private readonly database: InstanceType<typeof Database>;
  private readonly log: number;
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  /** @throws when the file cannot be opened, or is not a database. */
  constructor(file: string) {
    this.name = file;
    this.database = new Database(file);
    this.database.defaultSafeIntegers(true);
    this.database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    this.database.pragma(`page_size = ${PAGE_BYTES}`); // before the first page is written
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = NORMAL');
    this.database.pragma(`wal_autocheckpoint = ${LOG_BYTES / pageBytes(this.database)}`);
    this.database.exec('begin immediate; commit'); // makes sure that the log file is there
    this.log = openSync(`${file}-wal`, 'r');
    const directory = openSync(dirname(file), 'r');
    fsyncSync(directory);
    closeSync(directory);
    const connection = new SqliteConnection(this.database);
    this.dialect = new SqliteFileDialect(connection);
    this.transactions = new DirectTransactions(this.dialect, () => connection.acquire());
    this.savepoint = connection.savepoint;
  }

  verify(): Promise<void> {
    return Promise.resolve(); // it is set above
  }

  /** Nothing to wait for: the write lock came with `begin immediate`. */
  async takeTurn<Row>(tx: Kysely<LedgerSchema>, read?: CompiledQuery<Row>): Promise<Turn<Row>> {
    return { at: undefined, id: undefined, rows: read ? (await tx.executeQuery(read)).rows : [] };
  }

  /** No commit is on disk before `makeDurable`. */
  waivingDisk(): [] {
    return [];
  }

  time(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** It is never asked: there is no line between the commit and its answer. */
  hasCommitted(): Promise<boolean> {
    return Promise.reject(new Error('SQLite names no transactions'));
  }

  makeDurable(): Promise<void> {
    // A sync that runs already may have begun before the caller's commit: wait for the one after it, shared by all who wait.
    this.next ??= (this.running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        this.running = sync(this.log).finally(() => (this.running = undefined));
        return this.running;
      });
    return this.next;
  }

  close(): void {
    closeSync(this.log);
    this.database.close();
  }
}

function pageBytes(database: InstanceType<typeof Database>): number {
  const [{ page_size: bytes }] = database.pragma('page_size') as [{ page_size: bigint }];
  return Number(bytes);
}
