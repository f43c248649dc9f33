import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Kysely, Migrator, type Transaction } from 'kysely';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { migrations } from './migrations/migrations.js';
import type { LedgerSchema } from './schema.js';
import { SqliteEngine } from './sqlite-engine.js';

export type LedgerTransaction = Transaction<LedgerSchema>;

/**
 * The SQL database under the ledger, the audit chain and the payee pins. One write transaction at a time, in this process and among
 * all that share the file: whatever is read inside `write` is still true when it commits.
 */
@Injectable()
export class SqlStore implements OnApplicationShutdown {
  private constructor(
    private readonly engine: SqliteEngine,
    private readonly db: Kysely<LedgerSchema>,
  ) {}

  /**
   * Opens and migrates the ledger file. Where there is none it is made (0600, in a directory 0700), or refused without `createsLedger`.
   * @throws CodedError ledger_unavailable
   */
  static async open({ ledgerFile, createsLedger }: Pick<Configuration, 'ledgerFile' | 'createsLedger'>): Promise<SqlStore> {
    try {
      if (createsLedger) createPrivately(ledgerFile);
      else if (!existsSync(ledgerFile)) throw new Error('there is no such file; is BLOCKRUN_LEDGER_FILE the same as for the proxy?');
      const engine = new SqliteEngine(ledgerFile);
      const db = new Kysely<LedgerSchema>({ dialect: engine.dialect() });
      await migrate(db);
      return new SqlStore(engine, db);
    } catch (cause) {
      throw new CodedError(
        'ledger_unavailable',
        `The ledger ${ledgerFile} cannot be used (${reasonOf(cause)}). Nothing is paid without it: restore the file or its rights, then start again.`,
        { cause },
      );
    }
  }

  get reader(): Kysely<LedgerSchema> {
    return this.db;
  }

  /** Runs the work in one transaction that holds the write lock. @throws CodedError ledger_unavailable; what the work throws goes through. */
  async write<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    try {
      return await this.db.transaction().execute(work);
    } catch (cause) {
      if (cause instanceof CodedError) throw cause;
      throw new CodedError(
        'ledger_unavailable',
        `The ledger cannot be written (${reasonOf(cause)}). Nothing is paid until it can: check the disk.`,
        { cause },
      );
    }
  }

  /** Resolves when every transaction that has committed is on disk, so that a power cut cannot undo it. @throws CodedError ledger_unavailable */
  async durable(): Promise<void> {
    try {
      await this.engine.makeDurable();
    } catch (cause) {
      throw new CodedError('ledger_unavailable', `The ledger cannot be synced to disk (${reasonOf(cause)}). Check the disk.`, { cause });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.makeDurable().catch(() => undefined);
    await this.db.destroy();
    this.engine.close();
  }
}

function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(file, 0o600);
  }
}

async function migrate(db: Kysely<LedgerSchema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  const reason = reasonOf(error);
  const unknown = /previously executed migration (\S+) is missing/.exec(reason)?.[1];
  throw new Error(unknown ? `a later version of this program has changed it, by ${unknown}: use that version` : reason, { cause: error });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
