import type { CompiledQuery, PostgresPool, PostgresPoolClient, PostgresQueryResult, QueryResult } from 'kysely';
import type { Pool, PoolClient, QueryResult as Answer } from 'pg';
import { AT_COMMIT, TOGETHER } from './together.js';

/** Statements of other texts, such as lists of any length, are not kept: the server would hold each for as long as the connection lasts. */
const MAX_PREPARED = 100;
const NOTHING = { command: 'SELECT', rowCount: 0, rows: [] as never[] } as const;

interface Statement {
  text: string;
  values: readonly unknown[];
}
const BEGIN: Statement = { text: 'begin', values: [] };

/**
 * Connections that spend few round trips: statements with parameters are parsed by the server once and named afterwards, those that are
 * sent together are not waited for one by one (`pipeline` of the pool), a `begin` goes with the statement after it, and what may wait for the
 * commit goes with that.
 */
export class ThriftyPool implements PostgresPool {
  private readonly names = new Map<string, string>();

  constructor(private readonly pool: Pool) {}

  async connect(): Promise<PostgresPoolClient> {
    return new ThriftyClient(await this.pool.connect(), this.names);
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

class ThriftyClient implements PostgresPoolClient {
  /** They go with the next statement, ahead of it. */
  private waiting: Statement[] = [];
  private hasFailed = false;

  constructor(
    private readonly client: PoolClient,
    private readonly names: Map<string, string>,
  ) {}

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: { read(rows: number): Promise<R[]>; close(): Promise<void> }): never;
  async query<R>(text: unknown, values: readonly unknown[] = []): Promise<PostgresQueryResult<R>> {
    if (typeof text !== 'string') throw new Error('a cursor cannot be used here');
    switch (text) {
      case 'begin':
        this.waiting = [BEGIN];
        return NOTHING;
      case 'rollback':
        return this.rollBack();
      case AT_COMMIT:
        this.waiting.push(...statementsOf(values));
        return NOTHING;
      case TOGETHER:
        return { ...NOTHING, rows: (await this.sendAll(statementsOf(values))).map(resultOf) as R[] };
      default:
        return (await this.sendAll([{ text, values }]))[0] as unknown as PostgresQueryResult<R>;
    }
  }

  /** A connection on which a statement failed is not used again: what the server has prepared on it may be out of date. */
  release(): void {
    this.client.release(this.hasFailed);
  }

  /** Sends the statements without waiting in between, and those that wait ahead of them. @throws the error of the first that failed */
  private async sendAll(statements: readonly Statement[]): Promise<Answer[]> {
    const ahead = this.waiting.length;
    const sent = [...this.waiting, ...statements].map((statement) => this.send(statement));
    this.waiting = [];
    await Promise.allSettled(sent); // in a transaction none of them has happened where one failed
    return (await Promise.all(sent)).slice(ahead);
  }

  /** One that fails must not hide why it was wanted: the connection is closed, and with it the server rolls back. */
  private async rollBack(): Promise<typeof NOTHING> {
    const hasBegun = !this.waiting.includes(BEGIN);
    this.waiting = [];
    if (hasBegun) await this.send({ text: 'rollback', values: [] }).catch(() => undefined);
    return NOTHING;
  }

  private async send({ text, values }: Statement): Promise<Answer> {
    try {
      const name = values.length > 0 ? this.nameOf(text) : undefined;
      return await this.client.query({ text, values: [...values], ...(name !== undefined && { name }) });
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  private nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MAX_PREPARED) return known;
    const name = `ledger_${this.names.size}`;
    this.names.set(text, name);
    return name;
  }
}

function statementsOf(queries: readonly unknown[]): Statement[] {
  return (queries as readonly CompiledQuery[]).map(({ sql, parameters }) => ({ text: sql, values: parameters }));
}

function resultOf({ rows, rowCount }: Answer): QueryResult<unknown> {
  return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
}
