import { appendFileSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kysely, Migrator, sql } from 'kysely';
import { CHAIN_START, chainLine } from '../../src/audit/audit-line.js';
import { signedEvent } from '../../src/ledger/booking-event.js';
import { migrations } from '../../src/store/migrations/migrations.js';
import type { LedgerSchema } from '../../src/store/schema.js';
import { SqliteEngine } from '../../src/store/sqlite-engine.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { authorization } from '../support/offers.js';
import { openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, report } from './ledger-facts.js';

/** Books with one signed payment, as the first version left them when it was killed. */
async function writeFirstBooks(directory: TemporaryDirectory): Promise<void> {
  const { network, asset, payer, payee, nonce, validBefore } = authorization(1000n);
  const hold = { id: 'a', day: DAY, state: 'signed' as const, amountMicroUsd: 1000n, model: 'openai/gpt-5.4-mini' };
  const line = chainLine(signedEvent(hold, authorization(1000n)), new Date(`${DAY}T15:00:00.000Z`), CHAIN_START);
  const text = `${line.text}\n`;
  appendFileSync(directory.file('audit.jsonl'), text);
  const engine = new SqliteEngine(directory.file('ledger.sqlite'));
  const db = new Kysely<LedgerSchema>({ dialect: engine.dialect });
  const first = { '001-create-ledger': migrations['001-create-ledger']! };
  const { error } = await new Migrator({ db, provider: { getMigrations: () => Promise.resolve(first) } }).migrateToLatest();
  expect(error).toBeUndefined();
  await sql`insert into day (day, spent, held, signed, unresolved, calls, newest_hold) values (${DAY}, 0, 0, 1000, 0, 0, 50000)`.execute(
    db,
  );
  await sql`insert into entry (hold_id, step, state, day, amount, at, model) values ('a', 0, 'held', ${DAY}, 50000, 1, ${hold.model})`.execute(
    db,
  );
  await sql`insert into entry (hold_id, step, state, day, amount, at, model, network, asset, payer, payee, nonce, valid_before)
    values ('a', 1, 'signed', ${DAY}, 1000, 1, ${hold.model}, ${network}, ${asset}, ${payer}, ${payee}, ${nonce}, ${validBefore})`.execute(
    db,
  );
  await sql`insert into audit_head (id, hash, bytes) values (1, ${line.hash}, ${Buffer.byteLength(text)})`.execute(db);
  await sql`insert into audit_tail (line) values (${text})`.execute(db);
  await db.destroy();
  engine.close();
}

describe('books of the first version', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    await writeFirstBooks(directory);
  });
  afterEach(() => directory.remove());

  it('go on where they were: what was signed is open, can be settled, and the audit is one chain', async () => {
    const books = await openBooks({ directory: directory.path });
    expect(await books.ledger.openHolds()).toMatchObject([{ hold: { id: 'a', state: 'signed' }, owner: undefined }]);
    await books.ledger.settle('a', { report: report() });
    await books.ledger.place({ ...claim('b'), client: { name: 'a' } });
    expect(await books.ledger.totals(DAY)).toMatchObject({ spentMicroUsd: 1000n, signedMicroUsd: 0n, heldMicroUsd: 50_000n });
    expect(await new AuditVerifier(books.store, books.auditPath).verify()).toMatchObject({ ok: true });
    expect(books.auditLines()).toHaveLength(2);
    await books.close();
  });

  it('keep their records, what guards them, and the numbers that they count by', async () => {
    const books = await openBooks({ directory: directory.path });
    const { rows } = await sql`select seq, hold_id, step, state, amount from entry order by seq`.execute(books.store.reader);
    expect(rows).toEqual([
      { seq: 1n, hold_id: 'a', step: 0n, state: 'held', amount: 50_000n },
      { seq: 2n, hold_id: 'a', step: 1n, state: 'signed', amount: 1000n },
    ]);
    await books.ledger.settle('a', { report: report() });
    for (const statement of [
      `update entry set amount = 1`,
      `delete from entry`,
      `insert or replace into entry (hold_id, step, state, day, amount, at) values ('a', 3, 'released', '${DAY}', 1, 1)`,
      `insert or replace into entry (seq, hold_id, step, state, day, amount, at) values (1, 'b', 0, 'held', '${DAY}', 1, 1)`,
    ])
      await expect(sql.raw(statement).execute(books.store.reader)).rejects.toThrow('never changed or deleted');
    await expect(sql`insert into open_hold (hold_id, state) values ('c', 'unheard of')`.execute(books.store.reader)).rejects.toThrow(
      'CHECK',
    );
    const { rows: newest } = await sql`select seq, state from entry order by seq desc limit 1`.execute(books.store.reader);
    expect(newest).toEqual([{ seq: 3n, state: 'settled' }]);
    await books.close();
  });

  it('have the very tables, indexes and triggers of new ones', async () => {
    const definitions = async (path: string) => {
      const books = await openBooks({ directory: path });
      const { rows } = await sql<{
        name: string;
        sql: string | null;
      }>`select type, name, sql from sqlite_master where tbl_name <> 'kysely_migration' order by type, name`.execute(books.store.reader);
      await books.close();
      return rows;
    };
    const empty = new TemporaryDirectory();
    const upgraded = await definitions(directory.path);
    expect(upgraded).toEqual(await definitions(empty.path));
    const countingUp = upgraded.flatMap(({ name, sql: text }) => (text?.includes('autoincrement') ? [name] : []));
    expect(countingUp).toEqual(['allowance', 'payee_trust', 'stop']);
    expect(upgraded.find(({ name }) => name === 'open_hold')?.sql).toMatch(/without rowid$/);
    empty.remove();
  });

  it('get back from the ledger a line that a power cut took from the audit', async () => {
    truncateSync(directory.file('audit.jsonl'), 0);
    const books = await openBooks({ directory: directory.path });
    expect(books.auditLines()).toMatchObject([{ event: 'payment_signed', requestId: 'a' }]);
    await books.close();
  });
});
