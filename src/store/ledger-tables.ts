import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Kysely, Migrator, sql } from 'kysely';
import { migrations } from './migrations/migrations.js';
import type { LedgerSchema } from './schema.js';
import { reasonOf } from '../errors/reason-of.js';

/** Whether the tables of a ledger are there, of whatever version. */
export async function isLedger(db: Kysely<LedgerSchema>): Promise<boolean> {
  return (await db.introspection.getTables()).some(({ name }) => name === 'entry');
}

/** @throws when there is no file */
export function requireFile(file: string): void {
  if (!existsSync(file)) throw new Error('there is no such file; is BLOCKRUN_LEDGER_FILE the same as for the proxy?');
}

/** Makes an empty file (0600, in a directory 0700) where there is none. */
export function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(file, 0o600);
  }
}

/** Brings the tables up to this version. @throws when they are of a later one */
export async function migrate(db: Kysely<LedgerSchema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  const reason = reasonOf(error);
  const unknown = /previously executed migration (\S+) is missing/.exec(reason)?.[1];
  throw new Error(unknown ? changedBy(unknown) : reason, { cause: error });
}

/** @throws when the tables are of another version */
export async function requireThisVersion(db: Kysely<LedgerSchema>): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const done = rows.map(({ name }) => name);
  const unknown = done.find((name) => !(name in migrations));
  if (unknown !== undefined) throw new Error(changedBy(unknown));
  const missing = Object.keys(migrations).filter((name) => !done.includes(name));
  if (missing.length > 0)
    throw new Error('it is of an earlier version of this program, and is brought up to this one when the proxy starts');
}

function changedBy(migration: string): string {
  return `a later version of this program has changed it, by ${migration}: use that version`;
}
