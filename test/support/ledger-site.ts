import { cpSync } from 'node:fs';
import type { Clock } from '../../src/clock/clock.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { ClockedPostgres } from './clocked-postgres.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';

/** What a ledger can be on. */
export const ENGINES = ['SQLite', 'PostgreSQL'] as const;

/** Where the ledgers of a suite are: in files of their directories, or on one server, a database for each directory. */
export class LedgerSite {
  private readonly databases = new Map<string, Promise<string>>();

  private constructor(private readonly server: PostgresServer | undefined) {}

  static async open(engine: (typeof ENGINES)[number]): Promise<LedgerSite> {
    return new LedgerSite(engine === 'PostgreSQL' ? await PostgresServer.start() : undefined);
  }

  /** Opens the ledger of the directory, by the given clock; opened again, it is the same one. */
  storeIn(directory: string): (clock: Clock) => Promise<SqlStore> {
    const { server } = this;
    if (!server) return () => SqlStore.open({ ledgerFile: `${directory}/ledger.sqlite`, createsLedger: true });
    return async (clock) => {
      const url = await this.databaseOf(directory, server);
      return SqlStore.on({ name: url, machine: 'alpha', createsLedger: true }, () => new ClockedPostgres(url, clock));
    };
  }

  /** What a proxy needs to have the directory's ledger there. */
  async environmentFor(directory: string): Promise<Record<string, string>> {
    if (!this.server) return {};
    return { BLOCKRUN_LEDGER_URL: await this.databaseOf(directory, this.server), BLOCKRUN_MACHINE: 'alpha' };
  }

  /** The ledger of the one directory, which nobody has open, is there for the other, too. */
  async copy(from: string, to: string): Promise<void> {
    if (!this.server) return cpSync(`${from}/ledger.sqlite`, `${to}/ledger.sqlite`);
    this.databases.set(to, this.server.database(await this.databaseOf(from, this.server)));
  }

  /** Takes away what is not in the directory itself. */
  async remove(directory: string): Promise<void> {
    const database = this.databases.get(directory);
    this.databases.delete(directory);
    if (database) await this.server?.drop(await database);
  }

  async close(): Promise<void> {
    await this.server?.stop();
  }

  private databaseOf(directory: string, server: PostgresServer): Promise<string> {
    const database = this.databases.get(directory) ?? server.database();
    this.databases.set(directory, database);
    return database;
  }
}
