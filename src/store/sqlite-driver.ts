import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type Database from 'libsql';
import type { TransactionConnection } from './direct-transactions.js';
import { hasOneRow } from './query-template.js';
import type { Savepoint } from './sql-engine.js';
import { AT_COMMIT, TOGETHER } from './together.js';

type LibsqlDatabase = InstanceType<typeof Database>;
type Statement = ReturnType<LibsqlDatabase['prepare']>;

const BEGIN = CompiledQuery.raw('begin immediate');
const COMMIT = CompiledQuery.raw('commit');
const ROLL_BACK = CompiledQuery.raw('rollback');
const SET_SAVEPOINT = CompiledQuery.raw('savepoint one_write');
const RELEASE_SAVEPOINT = CompiledQuery.raw('release one_write');
const ROLL_BACK_TO_SAVEPOINT = CompiledQuery.raw('rollback to one_write');

/** A statement that was prepared once, with what is asked of it each time it runs. */
interface Prepared {
  statement: Statement;
  /** Names of the columns that it returns, whose rows come as arrays; undefined for one that returns none. */
  columns: readonly string[] | undefined;
}

/**
 * The one connection to a SQLite file, for one user after the other. Kysely's own prepares every query anew, and has libsql build each row as an object,
 * value by value: both take longer than SQLite takes to find the row.
 */
export class SqliteConnection implements DatabaseConnection, TransactionConnection {
  readonly savepoint: Savepoint = {
    set: () => void this.run(SET_SAVEPOINT),
    release: () => void this.run(RELEASE_SAVEPOINT),
    takeBack: () => {
      this.run(ROLL_BACK_TO_SAVEPOINT);
      this.run(RELEASE_SAVEPOINT);
    },
  };
  private readonly statements = new Map<string, Prepared>();
  private inUse: Promise<void> | undefined;
  private free: (() => void) | undefined;

  constructor(private readonly database: LibsqlDatabase) {}

  /** Waits until nobody uses it; `release` ends the use. */
  async acquire(): Promise<this> {
    while (this.inUse) await this.inUse;
    this.inUse = new Promise((free) => (this.free = free));
    return this;
  }

  release(): void {
    this.inUse = undefined;
    this.free?.();
  }

  /** Takes the write lock: a transaction that reads first could otherwise not go on to write (SQLITE_BUSY_SNAPSHOT). */
  begin(): void {
    this.run(BEGIN);
  }

  commit(): void {
    this.run(COMMIT);
  }

  rollBack(): void {
    try {
      this.run(ROLL_BACK);
    } catch (error) {
      // On a full disk SQLite has rolled back by itself: that is what was wanted, and must not hide why.
      if (!String(error).includes('no transaction is active')) throw error;
    }
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return atOnce(() => this.run(query) as QueryResult<Row>);
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncGenerator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  /** @throws the database's own error */
  run(query: CompiledQuery): QueryResult<unknown> {
    if (query.sql === TOGETHER || query.sql === AT_COMMIT) {
      return { rows: (query.parameters as CompiledQuery[]).map((each) => this.run(each)) };
    }
    const prepared = this.prepared(query.sql);
    const { statement } = prepared;
    if (!prepared.columns) return { rows: [], numAffectedRows: BigInt(statement.run(query.parameters).changes) };
    if (!hasOneRow(query)) return { rows: statement.all(query.parameters).map((values) => rowOf(prepared, values as unknown[])) };
    const values = statement.get(query.parameters) as unknown[] | undefined;
    return { rows: values === undefined ? [] : [rowOf(prepared, values)] };
  }

  private prepared(sql: string): Prepared {
    let prepared = this.statements.get(sql);
    if (!prepared) {
      const statement = this.database.prepare(sql);
      prepared = { statement, columns: statement.reader ? columnsOf(statement.raw()) : undefined };
      this.statements.set(sql, prepared);
    }
    return prepared;
  }
}

/** `select *` has more columns once a migration, of another process perhaps, has added one: SQLite prepares it anew by itself. */
function rowOf(prepared: Prepared, values: readonly unknown[]): Record<string, unknown> {
  if (prepared.columns?.length !== values.length) prepared.columns = columnsOf(prepared.statement);
  const { columns } = prepared;
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index] as string] = values[index];
  return row;
}

function columnsOf(statement: Statement): string[] {
  return statement.columns().map(({ name }) => name);
}

/** Gives Kysely the connection. */
class SqliteDriver implements Driver {
  constructor(private readonly connection: SqliteConnection) {}

  init(): Promise<void> {
    return Promise.resolve(); // the engine has opened the database
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return this.connection.acquire();
  }

  releaseConnection(): Promise<void> {
    return atOnce(() => this.connection.release());
  }

  beginTransaction(): Promise<void> {
    return atOnce(() => this.connection.begin());
  }

  commitTransaction(): Promise<void> {
    return atOnce(() => this.connection.commit());
  }

  rollbackTransaction(): Promise<void> {
    return atOnce(() => this.connection.rollBack());
  }

  destroy(): Promise<void> {
    return Promise.resolve(); // the engine closes the database, after the log file
  }
}

/** Does at once what Kysely awaits, with an error as a rejection. */
function atOnce<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}

/** SQLite over one connection, in whose turn nothing else can come in between. */
export class SqliteFileDialect implements Dialect {
  constructor(private readonly connection: SqliteConnection) {}

  createDriver(): Driver {
    return new SqliteDriver(this.connection);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  /** Migrations run in one transaction: a start that is cut off leaves nothing half made, and two first starts take turns. */
  createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }

  createIntrospector(db: Kysely<never>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true; // SQLite can; Kysely's own adapter says otherwise
  }
}
