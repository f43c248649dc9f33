import { pathToFileURL } from 'node:url';
import { SqliteDialect } from 'kysely';
import Database from 'libsql';
import type { SqlEngine } from './sql-engine.js';

const refuse = () => Promise.reject<never>(new Error('it was opened for reading alone'));

/**
 * SQLite's file opened so that SQLite itself refuses every change (`mode=ro`): beside a proxy that writes, and where none would start.
 * A reader waits for no writer and keeps none waiting.
 */
export class SqliteReader implements SqlEngine {
  readonly dialect: SqliteDialect;
  readonly keepsConfirmed = false;
  readonly transactions = { transact: refuse };
  readonly savepoint = undefined;
  readonly beginSnapshot = 'begin';
  private readonly database: InstanceType<typeof Database>;

  /** @throws when there is no such file, or it is not a database. */
  constructor(readonly name: string) {
    this.database = new Database(`${pathToFileURL(name).href}?mode=ro`);
    this.database.defaultSafeIntegers(true);
    const { database } = this;
    this.dialect = new SqliteDialect({ database: { prepare: (sql) => database.prepare(sql), close: () => undefined } });
  }

  verify(): Promise<void> {
    return Promise.resolve();
  }

  takeTurn(): Promise<never> {
    return refuse();
  }

  time(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  hasCommitted(): Promise<never> {
    return refuse();
  }

  waivingDisk(): [] {
    return [];
  }

  makeDurable(): Promise<void> {
    return Promise.resolve(); // it has written nothing
  }

  close(): void {
    this.database.close();
  }
}
