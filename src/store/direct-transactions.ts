import {
  type CompiledQuery,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type KyselyProps,
  type QueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type { LedgerSchema, LedgerTransaction } from './schema.js';
import type { Transactions } from './sql-engine.js';

/** A connection that a transaction has for itself until its `release`. */
export interface TransactionConnection {
  begin(): Promise<void> | void;
  commit(): Promise<void> | void;
  /** After an error: the one that is already known is told, not one of its own. */
  rollBack(): Promise<void> | void;
  /** @throws the database's own error */
  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>>;
  release(): void;
}

const NO_STREAMS = { provideConnection: () => Promise.reject(new Error('the statements of a transaction do not stream')) };

/** Asks the connection at once: Kysely's own waits several times for each statement, which takes longer than SQLite takes for it. */
class DirectExecutor extends DefaultQueryExecutor {
  private isOver = false;

  constructor(
    { compiler, adapter }: { compiler: QueryCompiler; adapter: DialectAdapter },
    private readonly connection: TransactionConnection,
  ) {
    super(compiler, adapter, NO_STREAMS);
  }

  override executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.isOver) return Promise.reject(new Error('the transaction is over'));
    return this.connection.executeQuery(query);
  }

  /** What is asked later would be in nobody's transaction, or in another's. */
  end(): void {
    this.isOver = true;
  }
}

/** Write transactions whose statements Kysely builds, and the connection runs. */
export class DirectTransactions implements Transactions {
  private readonly props: Omit<KyselyProps, 'executor'>;
  private readonly parts: { compiler: QueryCompiler; adapter: DialectAdapter };

  /** @param connect gives a connection that nobody else uses */
  constructor(
    dialect: Dialect,
    private readonly connect: () => Promise<TransactionConnection>,
  ) {
    this.parts = { compiler: dialect.createQueryCompiler(), adapter: dialect.createAdapter() };
    this.props = { config: { dialect }, dialect, driver: dialect.createDriver() };
  }

  async transact<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    const connection = await this.connect();
    const executor = new DirectExecutor(this.parts, connection);
    try {
      await connection.begin();
      const result = await work(new Transaction<LedgerSchema>({ ...this.props, executor }));
      await connection.commit();
      return result;
    } catch (error) {
      await connection.rollBack();
      throw error;
    } finally {
      executor.end();
      connection.release();
    }
  }
}
