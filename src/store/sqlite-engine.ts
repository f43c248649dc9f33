import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  type SqliteStatement,
} from 'kysely';
import Database from 'libsql';
import type { LedgerSchema } from './schema.js';
import type { SqlEngine, Turn } from './sql-engine.js';
import { AT_COMMIT, TOGETHER } from './together.js';

const sync = promisify(fdatasync);

/** Waits this long for another process that is writing, then fails with SQLITE_BUSY. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * The log may grow to this many pages (16 MiB) before a commit has to move them into the database and sync both: the pages that every call
 * changes are then moved a quarter as often.
 */
const CHECKPOINT_PAGES = 4000;

/**
 * SQLite in WAL mode on one connection.
 *
 * Commits do not sync by themselves (`synchronous = NORMAL`): that would hold the write lock and block the event loop for as long as
 * the disk takes. What must survive a power cut calls `makeDurable()`, which syncs the log file outside of any lock, off the event loop,
 * and serves every caller that waits with one sync (docs/decisions/0002-durability.md).
 */
export class SqliteEngine implements SqlEngine {
  readonly name: string;
  readonly dialect: SqliteDialect;
  readonly keepsConfirmed = false;
  readonly commitsTogether = true;
  readonly beginSnapshot = 'begin';
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
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = NORMAL');
    this.database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    this.database.exec('begin immediate; commit'); // makes sure that the log file is there
    this.log = openSync(`${file}-wal`, 'r');
    const directory = openSync(dirname(file), 'r');
    fsyncSync(directory);
    closeSync(directory);
    this.dialect = new ImmediateSqliteDialect({ database: cachingStatements(this.database) });
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

/** Transactions take the write lock when they begin: one that reads first could otherwise not go on to write (SQLITE_BUSY_SNAPSHOT). */
class ImmediateSqliteDialect extends SqliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    driver.beginTransaction = async (connection: DatabaseConnection) => {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    };
    driver.rollbackTransaction = async (connection: DatabaseConnection) => {
      try {
        await connection.executeQuery(CompiledQuery.raw('rollback'));
      } catch (error) {
        // On a full disk SQLite has rolled back by itself: that is what was wanted, and must not hide why.
        if (!String(error).includes('no transaction is active')) throw error;
      }
    };
    return driver;
  }

  /** Migrations run in one transaction: a start that is cut off leaves nothing half made, and two first starts take turns. */
  override createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true; // SQLite can; Kysely's own adapter says otherwise
  }
}

/** Kysely prepares every query anew; the few dozen statements of the ledger are prepared once. */
function cachingStatements(database: InstanceType<typeof Database>): { prepare(sql: string): SqliteStatement; close(): void } {
  const statements = new Map<string, SqliteStatement>();
  const source = {
    prepare(sql: string) {
      let statement = statements.get(sql);
      if (!statement) {
        statement = database.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
    close: () => undefined, // the engine closes it, after the log file
  };
  for (const text of [TOGETHER, AT_COMMIT]) {
    statements.set(
      text,
      oneAfterTheOther((sql) => source.prepare(sql)),
    );
  }
  return source;
}

/** The statement that stands for several. */
function oneAfterTheOther(prepare: (sql: string) => SqliteStatement): SqliteStatement {
  return {
    reader: true,
    all: (queries) =>
      (queries as CompiledQuery[]).map(({ sql, parameters }): QueryResult<unknown> => {
        const statement = prepare(sql);
        if (statement.reader) return { rows: statement.all(parameters) };
        return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) };
      }),
    run: () => ({ changes: 0, lastInsertRowid: 0 }),
    iterate: () => [][Symbol.iterator](),
  };
}
