import { type Kysely, sql } from 'kysely';
import { CodedError } from '../errors/coded-error.js';
import type { LedgerSchema } from '../store/schema.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';

type Row = Record<string, unknown>;
type Reader = Kysely<LedgerSchema>;

/** What a ledger is, without what is about the processes of the moment; `key` is its order, `seq` is given anew. */
const TABLES = [
  { table: 'day', key: 'day' },
  { table: 'client_day', key: 'day, client' },
  { table: 'entry', key: 'seq' },
  { table: 'open_hold', key: 'hold_id' },
  { table: 'allowance', key: 'seq' },
  { table: 'stop', key: 'seq' },
  { table: 'payee_pin', key: 'seller, network' },
  { table: 'payee_trust', key: 'seq' },
  { table: 'audit_head', key: 'machine', isOfMachine: true },
  { table: 'audit_tail', key: 'seq', isOfMachine: true },
] as const;
type Table = (typeof TABLES)[number];

const PAGE_ROWS = 500;

/**
 * Takes a whole ledger over to another, empty one, with the audit of this machine, and stops spending on the first, so that no cap is there
 * twice. Every record is read back from there and compared before anything is kept. Returns how many records there were.
 * @throws CodedError ledger_unavailable: nothing was moved, and why
 */
export async function moveLedger(from: SqlStore, to: SqlStore): Promise<number> {
  refuseSamePlace(from, to);
  return from.write(async (source, at) => {
    await refuseWhenInUse(source);
    const records = await to.write(async (target) => {
      await refuseWhenFilled(target);
      const rename = renaming(from.machine, to.machine);
      let copied = 0;
      for (const table of TABLES) copied += await copyTable(table, { source, target, machine: from.machine, rename });
      for (const table of TABLES) await compareTable(table, { source, target, machines: [from.machine, to.machine], rename });
      return copied;
    });
    // Without a line: the audit goes on with the other ledger.
    await stopSpending(source, { at, reason: `this ledger was moved to ${to.name}` });
    return records;
  });
}

/** On the ledger that is left, so that no cap is there twice. */
export async function stopSpending(source: LedgerTransaction, { at, reason }: { at: Date | undefined; reason: string }): Promise<void> {
  await source
    .insertInto('stop')
    .values({ at: BigInt((at ?? new Date()).getTime()), reason })
    .execute();
}

/** @throws CodedError ledger_unavailable: each would wait for the other's turn */
export function refuseSamePlace(from: SqlStore, to: SqlStore): void {
  if (from.name === to.name) throw refusal('it is there already: name another database or file');
}

/** @throws CodedError ledger_unavailable while a proxy runs on it, or a payment may still be on its way */
export async function refuseWhenInUse(source: LedgerTransaction): Promise<void> {
  const instances = await source.selectFrom('instance').select('host').limit(1).execute();
  if (instances.length > 0) throw refusal('a proxy runs on it, or was killed: stop it, or start and stop it once more');
  const inFlight = await source.selectFrom('open_hold').select('hold_id').where('state', '!=', 'unresolved').limit(1).execute();
  if (inFlight.length > 0) throw refusal('a payment is in flight: start the proxy once more, so that it is looked into, and stop it');
}

async function refuseWhenFilled(target: LedgerTransaction): Promise<void> {
  for (const table of ['day', 'entry', 'audit_head', 'instance'] as const) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(target);
    if (rows.length > 0) throw refusal('the other one is not empty: name a new database or file');
  }
}

async function copyTable(
  table: Table,
  { source, target, machine, rename }: { source: Reader; target: Reader; machine: string; rename: (row: Row) => Row },
): Promise<number> {
  let copied = 0;
  for await (const rows of pagesOf(table, source, machine)) {
    const values = rows.map((row) => rename(withoutSeq(row)));
    await target.insertInto(table.table).values(values).execute();
    copied += rows.length;
  }
  return copied;
}

async function compareTable(
  table: Table,
  sides: { source: Reader; target: Reader; machines: [string, string]; rename: (row: Row) => Row },
): Promise<void> {
  const { source, target, machines, rename } = sides;
  const there = rowsOf(table, target, machines[1]);
  for await (const row of rowsOf(table, source, machines[0])) {
    const { value: copy } = (await there.next()) as { value: Row | undefined };
    if (!copy || textOf(rename(row)) !== textOf(copy)) throw refusal(`a record of ${table.table} did not arrive as it is: ${textOf(row)}`);
  }
  if (!(await there.next()).done) throw refusal(`${table.table} has more records there`);
}

async function* rowsOf(table: Table, db: Reader, machine: string): AsyncGenerator<Row> {
  for await (const rows of pagesOf(table, db, machine)) yield* rows;
}

/** By position, because not every table has a number to go on from; nobody writes meanwhile. */
async function* pagesOf(table: Table, db: Reader, machine: string): AsyncGenerator<Row[]> {
  const isOfMachine = 'isOfMachine' in table;
  let after = -1n;
  for (let offset = 0; ; offset += PAGE_ROWS) {
    const where = table.key === 'seq' ? sql`seq > ${after}` : sql`1 = 1`;
    const of = isOfMachine ? sql`and machine = ${machine}` : sql``;
    const skip = table.key === 'seq' ? 0 : offset;
    const { rows } = await sql<Row>`select * from ${sql.table(table.table)} where ${where} ${of}
      order by ${sql.raw(table.key)} limit ${PAGE_ROWS} offset ${skip}`.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE_ROWS) return;
    after = (rows.at(-1)?.['seq'] as bigint | undefined) ?? after;
  }
}

/** What this machine wrote is told under the name that it has there. */
function renaming(from: string, to: string): (row: Row) => Row {
  const renamed = (name: unknown) => (name === from || name === null ? to : name);
  return (row) => ({
    ...row,
    ...('machine' in row && { machine: renamed(row['machine']) }),
    ...('audited_by' in row && { audited_by: renamed(row['audited_by']) }),
  });
}

function withoutSeq({ seq: _seq, ...row }: Row): Row {
  return row;
}

/** What a row says, in an order that does not depend on the database. */
function textOf(row: Row): string {
  return Object.entries(withoutSeq(row))
    .map(([name, value]) => `${name}=${String(value)}`)
    .toSorted()
    .join(' ');
}

export function refusal(reason: string): CodedError {
  return new CodedError('ledger_unavailable', `The ledger was not moved: ${reason}. Nothing was changed.`);
}
