import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { SummaryFile } from '../../../src/ledger/summary-file.js';
import { takeOverSummary } from '../../../src/ledger/takeover.js';
import { SqlStore } from '../../../src/store/sql-store.js';
import { AuditVerifier } from '../../../src/verification/audit-verifier.js';
import { acts, claim, report, TRANSACTION, ways } from '../../contract/ledger-facts.js';
import { AuditBooks, eventOf } from '../../support/audit-books.js';
import { linesOf } from '../../support/audit-chain.js';
import { FakeClock } from '../../support/fake-clock.js';
import { authorization } from '../../support/offers.js';
import type { Books } from '../../support/open-books.js';
import { rechain } from '../../support/rechain.js';

const ROOM_FOR_ALL = 1_000_000;

describe('the verifier on a ledger and its audit', () => {
  let at: AuditBooks;
  let books: Books;
  afterEach(() => at.remove());

  async function openAt(auditMaxBytes: number): Promise<void> {
    at = new AuditBooks(auditMaxBytes);
    books = await at.open();
  }

  /** One hold of every kind, what operators do, and days of the original. */
  async function spend(): Promise<void> {
    writeFileSync(at.directory.file('ledger.json'), '{"2026-06-04":{"spentUsd":0.1,"calls":3},"2026-06-05":{"spentUsd":0.2}}');
    const clock = new FakeClock();
    await takeOverSummary({ ...books, clock, file: new SummaryFile(at.directory.file('ledger.json')) });
    for (const [id, way] of Object.entries(ways)) {
      await books.ledger.place({ ...claim(id), ...(id.startsWith('s') && { client: { name: 'a' } }) });
      for (const act of way) await acts[act]!(books.ledger, id);
    }
    await books.ledger.bookOverrun('released by proof', { transaction: TRANSACTION, reason: 'it was taken' });
    await books.control.resume('looked at it');
    await books.control.raise(50_000n, 'a long day');
    await books.ledger.place(claim('last'));
    await books.ledger.release('last', { report: report(), answered: true });
    await books.audit.record({ event: 'budget_reject', requestId: 'no hold', day: '2026-06-06', code: 'daily_limit_reached' });
  }

  const db = () => books.store.reader;
  const change = (statement: string) => sql.raw(statement).execute(db());
  const fault = async () => (await at.verify(books)).fault;

  it.each([ROOM_FOR_ALL, 2000])('says that they agree, with %d bytes a file', async (bytes) => {
    await openAt(bytes);
    await spend();
    const { entries } = await db()
      .selectFrom('entry')
      .select(({ fn }) => fn.countAll<bigint>().as('entries'))
      .executeTakeFirstOrThrow();
    expect(await at.verify(books)).toMatchObject({ ...at.sound(), unchained: 0, entries: Number(entries) });
    if (bytes === 2000) expect(at.files().length).toBeGreaterThan(4);
    await at.close(books);
    books = await at.open();
    expect(await at.verify(books)).toMatchObject({ ok: true });
  });

  it('counts the lines of the original, for which nothing vouches', async () => {
    at = new AuditBooks(ROOM_FOR_ALL);
    writeFileSync(at.path, '{"ts":"2026-06-05T10:00:00.000Z","event":"chat_completion","state":"x"}\n'.repeat(7).slice(0, -1));
    books = await at.open();
    expect(await at.verify(books)).toMatchObject({ ok: true, unchained: 7, lines: 0 });
    await spend();
    expect(await at.verify(books)).toMatchObject({ ok: true, unchained: 7 });
  });

  it('agrees where there is nothing yet', async () => {
    at = new AuditBooks();
    const store = await SqlStore.open({ ledgerFile: at.directory.file('ledger.sqlite'), createsLedger: true });
    try {
      const verdict = await new AuditVerifier(store, at.path).verify();
      expect(verdict).toEqual({ ok: true, lines: 0, unchained: 0, files: 0, entries: 0, notes: [] });
    } finally {
      await store.onApplicationShutdown();
    }
  });

  it('agrees with more entries than are read at a time', async () => {
    await openAt(10 * ROOM_FOR_ALL);
    await books.ledger.place(claim('one'));
    await books.store.write(async (tx) => {
      for (let number = 0; number < 1100; number += 1) {
        const row = { hold_id: `takeover-${number}`, step: 0n, state: 'settled', day: `${number}`, amount: 1n, at: 0n };
        await tx.insertInto('entry').values(row).execute();
        await tx
          .insertInto('day')
          .values({ day: row.day, spent: 1n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n, newest_hold: 0n })
          .execute();
        await books.audit.append(tx, { event: 'ledger_takeover', day: row.day, spent: '0.000001', calls: 0 });
      }
    });
    await books.ledger.sign('one', authorization(1000n));
    expect(await at.verify(books)).toMatchObject({ ok: true, entries: 1102, lines: 1101, files: 1 });
    await change(`update day set spent = 2 where day = '1099'`);
    expect(await fault()).toEqual({ where: 'day 1099', what: expect.stringContaining('0.000002 USD spent') });
  });

  describe('finds', () => {
    beforeEach(async () => {
      await openAt(ROOM_FOR_ALL);
      await spend();
      expect(await fault()).toBeUndefined();
    });

    /** Rewrites the whole chain, and has the ledger know the new one as its own. */
    async function forge(how: (lines: string[]) => string[]): Promise<void> {
      const text = rechain(how(linesOf(readFileSync(at.path, 'utf8'))))
        .map((line) => `${line}\n`)
        .join('');
      writeFileSync(at.path, text);
      const hash = /"hash":"([0-9a-f]{64})"}\n$/.exec(text)![1]!;
      await change(`update audit_head set hash = '${hash}', bytes = ${Buffer.byteLength(text)}`);
    }

    const indexOf = (lines: readonly string[], ...words: string[]) => lines.findIndex((line) => words.every((word) => line.includes(word)));
    const replaced = (words: string[], from: string, to: string) => (lines: string[]) => {
      const index = indexOf(lines, ...words);
      return lines.with(index, lines[index]!.replace(from, to));
    };

    it('an entry of which the audit has no line', async () => {
      await change(`insert into entry (hold_id, step, state, day, amount, at) values ('x', 0, 'settled', '2026-06-06', 7, 0)`);
      const { seq } = await db()
        .selectFrom('entry')
        .select(({ fn }) => fn.max('seq').as('seq'))
        .executeTakeFirstOrThrow();
      expect(await fault()).toEqual({
        where: `entry ${String(seq)}`,
        what: expect.stringMatching(/hold x .* settled .* the audit has no line/),
      });
    });

    it('an entry of which the audit has no line, before others of which it has', async () => {
      await change(`insert into entry (hold_id, step, state, day, amount, at) values ('x', 0, 'settled', '2026-06-06', 7, 0)`);
      await books.audit.record(eventOf('a line'));
      await books.ledger.sign('held', authorization(1000n));
      const lines = linesOf(readFileSync(at.path, 'utf8'));
      expect(await fault()).toEqual({
        where: `audit.jsonl:${lines.length}`,
        what: expect.stringMatching(/hold held .* but entry \d+ .* hold x/),
      });
    });

    it.each<[string, string[], string, string]>([
      ['amount of a signature', ['payment_signed', '"settled"'], '"amount":"0.001000"', '"amount":"0.002000"'],
      ['amount of an outcome', ['chat_completion', '"state":"settled"'], '"booked":"0.001000"', '"booked":"0.000900"'],
      ['day', ['payment_signed', '"settled"'], '"day":"2026-06-06"', '"day":"2026-06-05"'],
      ['state', ['"state":"unresolved"'], '"state":"unresolved"', '"state":"settled"'],
      ['hold', ['hold_expired'], '"requestId":"expired"', '"requestId":"another"'],
      ['amount of a day that was taken over', ['ledger_takeover', '2026-06-04'], '0.100000', '0.010000'],
      ['amount of an overrun', ['payment_overrun'], '"booked":"0.001000"', '"booked":"0.000001"'],
      ['client', ['payment_signed', '"settled"'], '"client":"a"', '"client":"b"'],
      ['outcome that gave something back', ['"state":"released"'], '"booked":"0.000000"', '"booked":"0.050000"'],
    ])('another %s, although the chain and its head were made anew', async (_name, words, from, to) => {
      const line = indexOf(linesOf(readFileSync(at.path, 'utf8')), ...words) + 1;
      await forge(replaced(words, from, to));
      expect(await fault()).toEqual({
        where: `audit.jsonl:${line}`,
        what: expect.stringMatching(/^tells of hold .*, but entry \d+ of the ledger/),
      });
    });

    it('a line that was taken out, although the chain and its head were made anew', async () => {
      let index = 0;
      await forge((lines) => lines.toSpliced((index = indexOf(lines, 'payment_signed', '"unresolved"')), 1));
      expect(await fault()).toMatchObject({ where: `audit.jsonl:${index + 1}`, what: expect.stringContaining('but entry') as unknown });
    });

    it('a line of which the ledger has no entry', async () => {
      await books.audit.record({ event: 'payment_signed', requestId: 'x', day: '2026-06-06', amount: '0.001000' });
      expect((await fault())?.what).toBe('tells of hold x of 2026-06-06 becoming signed at 0.001000 USD, of which the ledger has no entry');
    });

    it.each(['spent', 'held', 'signed', 'unresolved', 'raised'])('a day of which %s was changed', async (total) => {
      await change(`update day set ${total} = ${total} + 1 where day = '2026-06-06'`);
      expect(await fault()).toMatchObject({ where: 'day 2026-06-06', what: expect.stringContaining(total) as unknown });
    });

    it.each(['spent', 'held', 'signed', 'unresolved'])('a client of whose day %s was changed', async (total) => {
      await change(`update client_day set ${total} = ${total} + 1 where day = '2026-06-06' and client = 'a'`);
      expect(await fault()).toMatchObject({ where: 'day 2026-06-06 of a', what: expect.stringContaining(total) as unknown });
    });

    it("a client's day that was deleted, or put in", async () => {
      await change(`update client_day set client = 'b'`);
      expect(await fault()).toMatchObject({ where: 'day 2026-06-06 of a' });
    });

    it('the first of two days', async () => {
      await change(`update day set spent = 0 where day <> '2026-06-04'`);
      expect(await fault()).toEqual({ where: 'day 2026-06-05', what: 'has 0.000000 USD spent, but its records add up to 0.200000' });
    });

    it('a day that was deleted', async () => {
      await change(`delete from day where day = '2026-06-05'`);
      expect(await fault()).toMatchObject({ where: 'day 2026-06-05' });
    });

    it.each([
      ['was taken out', `delete from open_hold where hold_id = 'signed'`, 'is signed, but is listed as ended'],
      ['has another state', `update open_hold set state = 'held' where hold_id = 'signed'`, 'is signed, but is listed as held'],
    ])('an open hold that %s of the list', async (_name, statement, what) => {
      await change(statement);
      expect(await fault()).toEqual({ where: 'hold signed', what });
    });

    it('a hold that is listed and has ended', async () => {
      await change(`insert into open_hold (hold_id, state) values ('settled', 'held')`);
      expect(await fault()).toEqual({ where: 'hold settled', what: 'has ended, or never was, but is listed as held' });
    });

    it('an entry that cannot follow those before it', async () => {
      await change(`insert into entry (hold_id, step, state, day, amount, at) values ('held', 1, 'settled', '2026-06-06', 7, 0)`);
      expect(await fault()).toMatchObject({ what: 'cannot be: hold held is held and cannot become settled' });
    });

    it('an entry of a hold that has ended', async () => {
      await change(`insert into entry (hold_id, step, state, day, amount, at) values ('settled', 3, 'held', '2026-06-06', 7, 0)`);
      expect((await fault())?.what).toMatch(/^is step 3 of hold settled, which has ended/);
    });
  });
});
