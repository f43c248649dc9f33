import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Kysely, Migrator, sql, type Transaction } from 'kysely';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { migrations } from './migrations/migrations.js';
import { type LedgerSchema, ONLY_MACHINE } from './schema.js';
import { PostgresEngine } from './postgres-engine.js';
import type { SqlEngine } from './sql-engine.js';
import { SqliteEngine } from './sqlite-engine.js';

export type LedgerTransaction = Transaction<LedgerSchema>;

type LedgerPlace = Pick<Configuration, 'ledgerFile' | 'createsLedger'> & Partial<Pick<Configuration, 'sharedLedger'>>;

interface NamedLedger {
  /** As it is called in errors. */
  name: string;
  /** How this machine is called on it. */
  machine: string;
  createsLedger: boolean;
}

/** A server that restarts is back within so long. */
const OUTCOME_ATTEMPTS = 20;
const OUTCOME_PAUSE_MS = 500;

/**
 * The SQL database under the ledger, the audit chain and the payee pins. One write transaction at a time, in this process and among
 * all that share the file: whatever is read inside `write` is still true when it commits.
 */
@Injectable()
export class SqlStore implements OnApplicationShutdown {
  private constructor(
    /** As it may be shown. */
    readonly name: string,
    /** How this machine is called among those that share the ledger. */
    readonly machine: string,
    private readonly engine: SqlEngine,
    private readonly db: Kysely<LedgerSchema>,
  ) {}

  /**
   * Opens and migrates the ledger: the shared one, or the file. Where there is none it is made (a file 0600, in a directory 0700), or
   * refused without `createsLedger`. @throws CodedError ledger_unavailable
   */
  static async open({ ledgerFile, sharedLedger, createsLedger }: LedgerPlace): Promise<SqlStore> {
    if (sharedLedger) {
      const engine = new PostgresEngine(sharedLedger.url);
      return SqlStore.on({ name: engine.name, machine: sharedLedger.machine, createsLedger }, () => engine);
    }
    return SqlStore.on({ name: ledgerFile, machine: ONLY_MACHINE, createsLedger }, () => {
      if (createsLedger) createPrivately(ledgerFile);
      else if (!existsSync(ledgerFile)) throw new Error('there is no such file; is BLOCKRUN_LEDGER_FILE the same as for the proxy?');
      return new SqliteEngine(ledgerFile);
    });
  }

  /** Checks the database and migrates the ledger on it. @throws CodedError ledger_unavailable */
  static async on({ name, machine, createsLedger }: NamedLedger, connect: () => SqlEngine): Promise<SqlStore> {
    let db: Kysely<LedgerSchema> | undefined;
    try {
      const engine = connect();
      db = new Kysely<LedgerSchema>({ dialect: engine.dialect });
      await engine.verify(db);
      if (!createsLedger && !(await isLedger(db))) throw new Error('it is empty; is BLOCKRUN_LEDGER_URL the same as for the proxy?');
      await migrate(db);
      return new SqlStore(name, machine, engine, db);
    } catch (cause) {
      await db?.destroy().catch(() => undefined);
      throw new CodedError(
        'ledger_unavailable',
        `The ledger ${name} cannot be used (${reasonOf(cause)}). Nothing is paid without it: restore it or its rights, then start again.`,
        { cause },
      );
    }
  }

  get reader(): Kysely<LedgerSchema> {
    return this.db;
  }

  /**
   * Runs the work in one transaction that has its turn to itself; `at` is the server's time, where the database has a clock of its own.
   * @throws CodedError ledger_unavailable; what the work throws goes through
   */
  async write<T>(work: (tx: LedgerTransaction, at: Date | undefined) => Promise<T>): Promise<T> {
    let done: { result: T; id: string | undefined } | undefined;
    try {
      return await this.db.transaction().execute(async (tx) => {
        const { at, id } = await this.engine.takeTurn(tx);
        done = { result: await work(tx, at), id };
        return done.result;
      });
    } catch (cause) {
      if (done?.id !== undefined && (await this.hasCommitted(done.id))) return done.result;
      if (cause instanceof CodedError) throw cause;
      throw new CodedError(
        'ledger_unavailable',
        `The ledger cannot be written (${reasonOf(cause)}). Nothing is paid until it can: check ${this.engine.name}.`,
        { cause },
      );
    }
  }

  /** Begins a transaction that sees one moment of the ledger, writes nothing, and keeps nobody from writing. */
  async snapshot<T>(read: (db: Kysely<LedgerSchema>) => Promise<T>): Promise<T> {
    return this.db.connection().execute(async (db) => {
      await sql.raw(this.engine.beginSnapshot).execute(db);
      try {
        return await read(db);
      } finally {
        await sql`rollback`.execute(db);
      }
    });
  }

  /** The server's time; undefined: the machine's clock is the only one. @throws CodedError ledger_unavailable */
  async time(): Promise<Date | undefined> {
    try {
      return await this.engine.time(this.db);
    } catch (cause) {
      throw new CodedError('ledger_unavailable', `The ledger cannot be read (${reasonOf(cause)}). Nothing is paid until it can.`, {
        cause,
      });
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

  /** Asks what became of a transaction whose commit got no answer. @throws CodedError ledger_unavailable while nobody can say */
  private async hasCommitted(id: string): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.engine.hasCommitted(this.db, id);
      } catch (cause) {
        if (attempt < OUTCOME_ATTEMPTS) await setTimeout(OUTCOME_PAUSE_MS);
        else {
          throw new CodedError(
            'ledger_unavailable',
            `The ledger was lost in the middle of a booking, whose outcome nobody knows yet (${reasonOf(cause)}). Nothing is paid on it: check ${this.engine.name}.`,
            { cause },
          );
        }
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.makeDurable().catch(() => undefined);
    await this.db.destroy();
    this.engine.close();
  }
}

async function isLedger(db: Kysely<LedgerSchema>): Promise<boolean> {
  return (await db.introspection.getTables()).some(({ name }) => name === 'entry');
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
