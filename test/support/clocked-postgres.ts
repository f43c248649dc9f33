import type { CompiledQuery, Kysely } from 'kysely';
import type { Clock } from '../../src/clock/clock.js';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import type { LedgerSchema } from '../../src/store/schema.js';
import type { Turn } from '../../src/store/sql-engine.js';

/** A real server whose clock a test turns. */
export class ClockedPostgres extends PostgresEngine {
  constructor(
    url: string,
    private readonly clock: Clock,
  ) {
    super(url);
  }

  override async takeTurn<Row>(tx: Kysely<LedgerSchema>, read?: CompiledQuery<Row>): Promise<Turn<Row>> {
    return { ...(await super.takeTurn(tx, read)), at: this.clock.now() };
  }

  override time(): Promise<Date> {
    return Promise.resolve(this.clock.now());
  }
}
