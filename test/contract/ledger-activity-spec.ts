import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerActivity } from '../../src/ledger/ledger-activity.js';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, RECEIPT, report } from './ledger-facts.js';

const HOUR_MS = 3_600_000;

describe.each(ENGINES)('what has happened in a ledger, on %s', (engine) => {
  let site: LedgerSite;
  let directory: TemporaryDirectory;
  let clock: FakeClock;
  let books: Books;
  let activity: LedgerActivity;

  beforeAll(async () => {
    site = await LedgerSite.open(engine);
  });
  afterAll(() => site.close());
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    clock = new FakeClock(`${DAY}T23:30:00.000Z`);
    books = await openBooks({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    activity = new LedgerActivity(books.store);
  });
  afterEach(async () => {
    await books.close();
    await site.remove(directory.path);
    directory.remove();
  });

  let signatures = 0;
  const place = (id: string, client?: string) =>
    books.ledger.place({ ...claim(id, 50_000n), client: client === undefined ? undefined : { name: client } });
  const sign = (id: string, amountMicroUsd: bigint) => books.ledger.sign(id, authorization(amountMicroUsd, ++signatures));
  const settle = (id: string) => books.ledger.settle(id, { report: report(), receipt: RECEIPT });
  const pay = async (id: string, amountMicroUsd: bigint, client?: string) => {
    await place(id, client);
    await sign(id, amountMicroUsd);
    await settle(id);
  };
  const everything = async () => ({ after: 0n, upTo: await activity.newest() });
  const hourOf = (date: Date) => BigInt(Math.floor(date.getTime() / HOUR_MS));

  it('is nothing in a new one', async () => {
    expect(await activity.newest()).toBe(0n);
    expect(await activity.sums(await everything())).toEqual([]);
    expect(await activity.moves(await everything(), 10)).toEqual([]);
    expect(await activity.timeOf(await everything())).toBeUndefined();
  });

  it('adds up what was paid by day, hour, model and client, to the micro-USD', async () => {
    await pay('a', 2_000n);
    await pay('b', 1n);
    await pay('c', 700n, 'laptop');
    const { model } = claim('a', 1n);
    const at = { day: DAY, hour: hourOf(clock.now()), model };
    const sums = await activity.sums(await everything());
    expect(sums).toHaveLength(2);
    expect(sums).toContainEqual({ ...at, client: null, calls: 2, spentMicroUsd: 2_001n });
    expect(sums).toContainEqual({ ...at, client: 'laptop', calls: 1, spentMicroUsd: 700n });
  });

  it('has a call that ends after midnight in the hour of its end and on the day of its hold', async () => {
    await place('late');
    await sign('late', 2_000n);
    clock.advanceMs(HOUR_MS);
    await settle('late');
    expect(await activity.sums(await everything())).toMatchObject([{ day: DAY, hour: hourOf(clock.now()), calls: 1 }]);
  });

  it('counts what was answered for nothing as a call, and no release that has a reason, nor what has not ended', async () => {
    await place('free');
    await books.ledger.release('free', { answered: true, report: report() });
    await place('failed');
    await books.ledger.release('failed', { answered: false, report: report({ event: 'upstream_error', reason: 'no answer' }) });
    await place('held');
    await place('unresolved');
    await sign('unresolved', 9_000n);
    await books.ledger.leaveUnresolved('unresolved', { report: report({ event: 'upstream_error' }) });
    expect(await activity.sums(await everything())).toMatchObject([{ calls: 1, spentMicroUsd: 0n }]);
  });

  it('tells of a run of records no more than what is in it, and all runs together tell everything once', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await pay(id, 1_000n);
    const { upTo } = await everything();
    let calls = 0;
    for (let after = 0n; after < upTo; after += 5n) {
      const run = { after, upTo: after + 5n < upTo ? after + 5n : upTo };
      for (const sum of await activity.sums(run)) calls += sum.calls;
      expect((await activity.moves(run, 100)).length).toBe(Number(run.upTo - run.after));
    }
    expect(calls).toBe(4);
    expect(await activity.sums({ after: upTo, upTo })).toEqual([]);
  });

  it('tells the moves newest first, at most as many as are wanted', async () => {
    await pay('a', 2_000n, 'laptop');
    const moves = await activity.moves(await everything(), 10);
    expect(moves.map(({ holdId, state }) => [holdId, state])).toEqual([
      ['a', 'settled'],
      ['a', 'signed'],
      ['a', 'held'],
    ]);
    expect(moves[0]).toMatchObject({ client: 'laptop', amountMicroUsd: 2_000n, at: clock.now(), transaction: RECEIPT.transaction });
    expect((await activity.moves(await everything(), 1)).map(({ state }) => state)).toEqual(['settled']);
  });

  it('knows when the first of some records was written', async () => {
    const began = clock.now();
    await place('a');
    clock.advanceMs(1_000);
    await place('b');
    expect(await activity.timeOf(await everything())).toEqual(began);
    expect(await activity.timeOf({ after: 1n, upTo: await activity.newest() })).toEqual(clock.now());
  });
});
