import {
  CompiledQuery,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type KyselyProps,
  type QueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type { LedgerSchema, LedgerTransaction } from './schema.js';
import type { Savepoint, SharedTransactions } from './sql-engine.js';
import type { SqliteConnection } from './sqlite-driver.js';

interface Parts {
  connection: SqliteConnection;
  compiler: QueryCompiler;
  adapter: DialectAdapter;
}

/** Asks the connection at once: Kysely's own waits several times for each statement, which takes longer than the statement. */
class DirectExecutor extends DefaultQueryExecutor {
  private isOver = false;

  constructor(private readonly parts: Parts) {
    super(parts.compiler, parts.adapter, { provideConnection: (use) => use(parts.connection) });
  }

  override executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.isOver) return Promise.reject(new Error('the transaction is over'));
    return this.parts.connection.executeQuery(query);
  }

  /** What is asked later would be in nobody's transaction, or in another's. */
  end(): void {
    this.isOver = true;
  }
}

/** Write transactions on the one connection to a SQLite file. */
export class SqliteTransactions implements SharedTransactions {
  readonly savepoint: Savepoint;
  private readonly parts: Parts;
  private readonly props: Omit<KyselyProps, 'executor'>;

  constructor(connection: SqliteConnection, dialect: Dialect) {
    this.savepoint = savepointOn(connection);
    this.parts = { connection, compiler: dialect.createQueryCompiler(), adapter: dialect.createAdapter() };
    this.props = { config: { dialect }, dialect, driver: dialect.createDriver() };
  }

  async transact<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    const { connection } = this.parts;
    await connection.acquire();
    const executor = new DirectExecutor(this.parts);
    try {
      connection.begin();
      const result = await work(new Transaction<LedgerSchema>({ ...this.props, executor }));
      connection.commit();
      return result;
    } catch (error) {
      connection.rollBack();
      throw error;
    } finally {
      executor.end();
      connection.release();
    }
  }
}

function savepointOn(connection: SqliteConnection): Savepoint {
  const set = CompiledQuery.raw('savepoint one_write');
  const release = CompiledQuery.raw('release one_write');
  const rollBack = CompiledQuery.raw('rollback to one_write');
  return {
    set: () => void connection.run(set),
    release: () => void connection.run(release),
    takeBack: () => {
      connection.run(rollBack);
      connection.run(release);
    },
  };
}
