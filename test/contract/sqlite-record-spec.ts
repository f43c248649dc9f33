import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, report } from './ledger-facts.js';

describe('the record in SQLite', () => {
  let directory: TemporaryDirectory;
  let books: Books;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    books = await openBooks({ directory: directory.path });
    await books.ledger.place(claim('a'));
    await books.ledger.sign('a', authorization(1000n));
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
  });

  const raw = (statement: string) => books.store.write((tx) => sql.raw(statement).execute(tx));
  const entries = () => books.store.reader.selectFrom('entry').selectAll().orderBy('seq').execute();
  const copyOf = (changes: string) =>
    `insert into entry (hold_id, step, state, day, amount, at) select hold_id, ${changes} from entry where state = 'signed'`;

  it.each([
    "update entry set amount = 0 where hold_id = 'a'",
    "update entry set state = 'released'",
    'delete from entry',
    "delete from entry where hold_id = 'a'",
    // Guards against the way around the triggers: SQLite replaces a row without telling the one against deletion.
    "insert or replace into entry (seq, hold_id, step, state, day, amount, at) values (2, 'a', 1, 'released', '2026-06-06', 0, 0)",
  ])('cannot be changed: %s', async (statement) => {
    const before = await entries();
    await expect(raw(statement)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(await entries()).toEqual(before);
  });

  it('loses no payment on Solana to one that is the same', async () => {
    const signed = (hold: string) =>
      `insert or replace into entry (hold_id, step, state, day, amount, at, network, nonce)
        values ('${hold}', 7, 'signed', '${DAY}', 1, 1, 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', 'the same')`;
    await raw(signed('one'));
    const before = await entries();
    await expect(raw(signed('other'))).rejects.toMatchObject({ message: expect.stringContaining('the same transaction was signed') });
    expect(await entries()).toEqual(before);
  });

  it.each([
    ['a second record of a step', copyOf("step, 'settled', day, amount, at")],
    ['a state that does not exist', copyOf("step + 1, 'refunded', day, amount, at")],
    ['a negative amount', copyOf("step + 1, 'settled', day, -1, at")],
    ['a day that gives more than it has', `update day set held = -1 where day = '${DAY}'`],
  ])('does not take %s', async (_name, statement) => {
    const before = await entries();
    await expect(raw(statement)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(await entries()).toEqual(before);
  });

  it('does not take a second end of a hold', async () => {
    await books.ledger.settle('a', { report: report() });
    await expect(raw(copyOf("9, 'released', day, amount, at"))).rejects.toMatchObject({ code: 'ledger_unavailable' });
  });

  it('has every state of a hold, with what was signed, in its order', async () => {
    await books.ledger.settle('a', { report: report(), receipt: { transaction: '0x12' } });
    const { network, asset, payer, payee, nonce, validBefore } = authorization(1000n);
    expect(await entries()).toMatchObject([
      { step: 0n, state: 'held', amount: 50_000n, nonce: null },
      { step: 1n, state: 'signed', amount: 1000n, network, asset, payer, payee, nonce, valid_before: validBefore },
      { step: 2n, state: 'settled', amount: 1000n, nonce, transaction_id: '0x12' },
    ]);
  });

  it('keeps a hold over a restart, to be ended afterwards', async () => {
    await books.close();
    books = await openBooks({ directory: directory.path });
    expect((await books.ledger.settle('a', { report: report() })).totals).toMatchObject({ spentMicroUsd: 1000n, signedMicroUsd: 0n });
  });
});
