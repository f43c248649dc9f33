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

  it('get back from the ledger a line that a power cut took from the audit', async () => {
    truncateSync(directory.file('audit.jsonl'), 0);
    const books = await openBooks({ directory: directory.path });
    expect(books.auditLines()).toMatchObject([{ event: 'payment_signed', requestId: 'a' }]);
    await books.close();
  });
});
