import type { CompiledQuery, QueryResult } from 'kysely';
import type { Pool, PoolClient, QueryResult as Answer } from 'pg';
import type { TransactionConnection } from './direct-transactions.js';
import { isRecurring } from './query-template.js';
import { AT_COMMIT, TOGETHER } from './together.js';

/** More texts than this are not kept by the server, which holds each for as long as the connection lasts. */
const MAX_PREPARED = 100;
/** What is kept is planned once, for any values: planning the statement that takes room takes the server longer than running it. */
const PLAN_ONCE = 'set plan_cache_mode = force_generic_plan';

interface Statement {
  text: string;
  values: readonly unknown[];
  /** Under which the server keeps it, parsed and planned. */
  name?: string | undefined;
}
const BEGIN: Statement = { text: 'begin', values: [] };
const COMMIT: Statement = { text: 'commit', values: [] };
const ROLL_BACK: Statement = { text: 'rollback', values: [] };

/**
 * Connections to a server for transactions that spend few round trips: statements that recur are parsed and planned once, those that are sent
 * together are not waited for one by one (`pipeline` of the pool), `begin` goes with the statement after it, and what may wait for the
 * commit goes with that.
 */
export class PostgresConnections {
  private readonly names = new Map<string, string>();

  constructor(private readonly pool: Pool) {
    pool.on('connect', (connection) => void connection.query(PLAN_ONCE).catch(() => undefined));
  }

  async connect(): Promise<TransactionConnection> {
    return new PostgresConnection(await this.pool.connect(), (query) => this.nameOf(query));
  }

  private nameOf(query: CompiledQuery): string | undefined {
    if (!isRecurring(query)) return undefined;
    const { sql } = query;
    const known = this.names.get(sql);
    if (known !== undefined || this.names.size >= MAX_PREPARED) return known;
    const name = `ledger_${this.names.size}`;
    this.names.set(sql, name);
    return name;
  }
}

class PostgresConnection implements TransactionConnection {
  /** They go with the next statement, ahead of it. */
  private waiting: Statement[] = [];
  private hasFailed = false;

  constructor(
    private readonly client: PoolClient,
    private readonly nameOf: (query: CompiledQuery) => string | undefined,
  ) {}

  begin(): void {
    this.waiting = [BEGIN];
  }

  async commit(): Promise<void> {
    await this.sendAll([COMMIT]);
  }

  /** One that fails must not hide why it was wanted: the connection is closed, and with it the server rolls back. */
  async rollBack(): Promise<void> {
    const hasBegun = !this.waiting.includes(BEGIN);
    this.waiting = [];
    if (hasBegun) await this.send(ROLL_BACK).catch(() => undefined);
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    switch (query.sql) {
      case AT_COMMIT:
        this.waiting.push(...this.statementsIn(query));
        return { rows: [] };
      case TOGETHER:
        return { rows: (await this.sendAll(this.statementsIn(query))) as Row[] };
      default:
        return (await this.sendAll([this.statementOf(query)]))[0] as QueryResult<Row>;
    }
  }

  /** A connection on which a statement failed is not used again: what the server has prepared on it may be out of date. */
  release(): void {
    this.client.release(this.hasFailed);
  }

  /** Sends the statements without waiting in between, and those that wait ahead of them. @throws the error of the first that failed */
  private async sendAll(statements: readonly Statement[]): Promise<QueryResult<unknown>[]> {
    const ahead = this.waiting.length;
    const sent = [...this.waiting, ...statements].map((statement) => this.send(statement));
    this.waiting = [];
    await Promise.allSettled(sent); // in a transaction none of them has happened where one failed
    return (await Promise.all(sent)).slice(ahead).map(resultOf);
  }

  private async send({ text, values, name }: Statement): Promise<Answer> {
    try {
      return await this.client.query({ text, values: [...values], ...(name !== undefined && { name }) });
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  private statementsIn({ parameters }: CompiledQuery): Statement[] {
    return (parameters as readonly CompiledQuery[]).map((query) => this.statementOf(query));
  }

  private statementOf(query: CompiledQuery): Statement {
    return { text: query.sql, values: query.parameters, name: this.nameOf(query) };
  }
}

function resultOf({ rows, rowCount }: Answer): QueryResult<unknown> {
  return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
}
