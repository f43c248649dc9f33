import { setTimeout } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type CompiledQuery, Kysely, sql } from 'kysely';
import { Subject } from 'rxjs';
import { Configuration, type SharedLedger } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import { GroupCommit } from './group-commit.js';
import { createPrivately, isLedger, migrate, requireFile, requireThisVersion } from './ledger-tables.js';
import { OutcomeUnknown } from './outcome-unknown.js';
import { type LedgerSchema, type LedgerTransaction, ONLY_MACHINE } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import { SqliteEngine } from './sqlite-engine.js';
import { SqliteReader } from './sqlite-reader.js';

export type { LedgerTransaction } from './schema.js';

type LedgerPlace = Pick<Configuration, 'ledgerFile' | 'createsLedger'> & Partial<Pick<Configuration, 'sharedLedger'>>;

interface NamedLedger {
  /** As it is called in errors. */
  name: string;
  /** How this machine is called on it. */
  machine: string;
  createsLedger: boolean;
  /** What is done with the tables before they are used: brought up to this version by default. */
  prepare?: (db: Kysely<LedgerSchema>) => Promise<void>;
}

/** Work that was done, and the id of its transaction, as far as the engine gives them any. */
interface Done<T> {
  result: T;
  id: string | undefined;
}

/** A transaction of which it has to be certain what became of it. */
export interface SureWrite<Row, T> {
  /** What is read before all else: sent with the wait for the turn, and answered after it. */
  read?: CompiledQuery<Row>;
  work: (tx: LedgerTransaction, at: Date | undefined, found: Row[]) => Promise<T>;
  /** Whether what the work wrote is in the ledger; asked where the commit got no answer. */
  isThere: (result: T) => Promise<boolean>;
}

/** A server that restarts is back within so long. */
const OUTCOME_ATTEMPTS = 20;
const OUTCOME_PAUSE_MS = 500;

/**
 * The SQL database under the ledger, the audit chain and the payee pins. One write at a time, in this process and among all that share the
 * file: whatever is read inside `write` is still true when it commits.
 */
@Injectable()
export class SqlStore implements OnApplicationShutdown {
  /** How long each wait for the disk took, in milliseconds. */
  readonly syncTimes = new Subject<number>();
  private readonly transact: <T>(work: (tx: LedgerTransaction) => Promise<T>) => Promise<T>;

  private constructor(
    /** As it may be shown. */
    readonly name: string,
    /** How this machine is called among those that share the ledger. */
    readonly machine: string,
    private readonly engine: SqlEngine,
    private readonly db: Kysely<LedgerSchema>,
  ) {
    const { transactions, savepoint } = engine;
    const group = savepoint && new GroupCommit(transactions, savepoint);
    this.transact = (work) => (group ? group.run(work) : transactions.transact(work));
  }

  /**
   * Opens and migrates the ledger: the shared one, or the file. Where there is none it is made (a file 0600, in a directory 0700), or
   * refused without `createsLedger`. @throws CodedError ledger_unavailable
   */
  static async open({ ledgerFile, sharedLedger, createsLedger }: LedgerPlace): Promise<SqlStore> {
    if (sharedLedger) return SqlStore.onServer(sharedLedger, { createsLedger });
    return SqlStore.on({ name: ledgerFile, machine: ONLY_MACHINE, createsLedger }, () => {
      if (createsLedger) createPrivately(ledgerFile);
      else requireFile(ledgerFile);
      return new SqliteEngine(ledgerFile);
    });
  }

  /** Opens a ledger that is there for reading alone: it is neither made nor migrated. @throws CodedError ledger_unavailable */
  static async inspect({ ledgerFile, sharedLedger }: Pick<Configuration, 'ledgerFile' | 'sharedLedger'>): Promise<SqlStore> {
    const use = { createsLedger: false, prepare: requireThisVersion };
    if (sharedLedger) return SqlStore.onServer(sharedLedger, use);
    return SqlStore.on({ name: ledgerFile, machine: ONLY_MACHINE, ...use }, () => {
      requireFile(ledgerFile);
      return new SqliteReader(ledgerFile);
    });
  }

  private static async onServer({ url, machine }: SharedLedger, use: Pick<NamedLedger, 'createsLedger' | 'prepare'>): Promise<SqlStore> {
    // Loaded where it is used: the client of the server takes some megabytes.
    const { PostgresEngine } = await import('./postgres-engine.js');
    const engine = new PostgresEngine(url.reveal());
    return SqlStore.on({ name: engine.name, machine, ...use }, () => engine);
  }

  /** Checks the database and migrates the ledger on it. @throws CodedError ledger_unavailable */
  static async on({ name, machine, createsLedger, prepare = migrate }: NamedLedger, connect: () => SqlEngine): Promise<SqlStore> {
    let db: Kysely<LedgerSchema> | undefined;
    try {
      const engine = connect();
      db = new Kysely<LedgerSchema>({ dialect: engine.dialect });
      await engine.verify(db);
      if (!createsLedger && !(await isLedger(db))) throw new Error('it is empty; is BLOCKRUN_LEDGER_URL the same as for the proxy?');
      await prepare(db);
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

  /** Whether what was confirmed survives a power cut as it is (`SqlEngine.keepsConfirmed`). */
  get keepsConfirmed(): boolean {
    return this.engine.keepsConfirmed;
  }

  get reader(): Kysely<LedgerSchema> {
    return this.db;
  }

  /**
   * Runs the work in a transaction, in a turn of its own: all of it is written, or nothing; `at` is the server's time, where the database has a clock of its own.
   * @throws CodedError ledger_unavailable; what the work throws goes through
   */
  write<T>(work: (tx: LedgerTransaction, at: Date | undefined) => Promise<T>): Promise<T> {
    return this.writeSurely({ work: (tx, at) => work(tx, at), isThere: () => Promise.resolve(true) });
  }

  /** As `write`, where it has to be certain what became of it. @throws OutcomeUnknown as long as that is not */
  async writeSurely<Row, T>({ read, work, isThere }: SureWrite<Row, T>): Promise<T> {
    let done: Done<T> | undefined;
    try {
      return await this.transact(async (tx) => {
        const { at, id, rows } = await this.engine.takeTurn(tx, read);
        done = { result: await work(tx, at, rows), id };
        return done.result;
      });
    } catch (cause) {
      if (done && (await this.hasCommitted(done, isThere))) return done.result;
      if (cause instanceof CodedError) throw cause;
      throw new CodedError(
        'ledger_unavailable',
        `The ledger cannot be written (${reasonOf(cause)}). Nothing is paid until it can: check ${this.engine.name}.`,
        { cause },
      );
    }
  }

  /** Statements after which a transaction need not be on disk when it is confirmed: a power cut may undo it, with all that was written after it. */
  get waivingDisk(): CompiledQuery<unknown>[] {
    return this.engine.waivingDisk();
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
    const startedAt = performance.now();
    try {
      await this.engine.makeDurable();
      this.syncTimes.next(performance.now() - startedAt);
    } catch (cause) {
      throw new CodedError('ledger_unavailable', `The ledger cannot be synced to disk (${reasonOf(cause)}). Check the disk.`, { cause });
    }
  }

  /** Asks what became of a transaction whose commit got no answer. @throws OutcomeUnknown while nobody can say */
  private async hasCommitted<T>({ id, result }: Done<T>, isThere: (result: T) => Promise<boolean>): Promise<boolean> {
    if (id === undefined) return false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        // The id alone proves nothing: a server that crashed gives the ids of what it has lost to others.
        return (await this.engine.hasCommitted(this.db, id)) && (await isThere(result));
      } catch (cause) {
        if (attempt >= OUTCOME_ATTEMPTS) throw new OutcomeUnknown(reasonOf(cause), { ledger: this.engine.name, cause });
        await setTimeout(OUTCOME_PAUSE_MS);
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.makeDurable().catch(() => undefined);
    await this.db.destroy();
    this.engine.close();
  }
}
