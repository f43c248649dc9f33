import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { type LedgerTransaction, SqlStore } from '../../src/store/sql-store.js';
import { CuttingRelay } from '../support/cutting-relay.js';
import { FakeClock } from '../support/fake-clock.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, report } from './ledger-facts.js';

let server: PostgresServer;
let directory: TemporaryDirectory;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  directory = new TemporaryDirectory();
});
afterEach(() => directory.remove());

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const realTime = { now: () => new Date() };
const storeOn = (url: string) => SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger: true }, () => new PostgresEngine(url));
const booksOn = (url: string, clock: { now(): Date } = realTime) =>
  openBooks({ directory: directory.path, clock, openStore: () => storeOn(url) });

/** Has its turn for as long as the work takes. */
function occupy(store: SqlStore, work: (tx: LedgerTransaction) => Promise<unknown>): { turn: Promise<unknown>; begun: Promise<void> } {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const turn = store.write((tx) => {
    begin();
    return work(tx);
  });
  turn.catch(() => undefined); // looked at later
  return { turn, begun };
}

/** Changes the server for everybody who connects to the database from now on. */
async function setUp(url: string, statement: string): Promise<void> {
  const store = await storeOn(url);
  await store.write((tx) => sql.raw(statement.replace('DATABASE', new URL(url).pathname.slice(1))).execute(tx));
  await store.onApplicationShutdown();
}

describe('a server on which a confirmed record may be lost, or none can be made', () => {
  it.each([
    ['alter database DATABASE set synchronous_commit = off', /synchronous_commit is off/],
    ['alter database DATABASE set default_transaction_read_only = on', /takes no writes/],
  ])('is refused at the start: %s', async (statement, says) => {
    const url = await server.database();
    await setUp(url, statement);
    await expect(storeOn(url)).rejects.toMatchObject({ code: 'ledger_unavailable', message: matching(says) });
  });

  it('without fsync is refused', async () => {
    const careless = await PostgresServer.start({ fsync: 'off' });
    try {
      await expect(storeOn(await careless.database())).rejects.toMatchObject({ message: matching(/fsync is off/) });
    } finally {
      await careless.stop();
    }
  });

  it('that is a standby is refused', async () => {
    const own = await PostgresServer.start();
    try {
      const url = await own.database();
      await (await storeOn(url)).onApplicationShutdown();
      await own.becomeStandby();
      await expect(storeOn(url)).rejects.toMatchObject({ code: 'ledger_unavailable', message: matching(/a standby or in recovery/) });
    } finally {
      await own.stop();
    }
  });

  it('that holds no ledger is not made into one by a command', async () => {
    const url = await server.database();
    const opened = SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger: false }, () => new PostgresEngine(url));
    await expect(opened).rejects.toMatchObject({ code: 'ledger_unavailable', message: matching(/it is empty/) });
  });
});

describe('a line to the server that is cut', () => {
  let relay: CuttingRelay;
  let books: Books;

  beforeEach(async () => {
    relay = await CuttingRelay.to(await server.database());
    books = await booksOn(relay.url);
  });
  afterEach(async () => {
    await books.close();
    await relay.stop();
  });

  const states = async () =>
    (await books.store.reader.selectFrom('entry').select(['hold_id', 'state']).orderBy('seq').execute()).map(
      (row) => `${row.hold_id} ${row.state}`,
    );

  it('after the server has committed leaves every move done, once', async () => {
    const moves = [
      () => books.ledger.place(claim('a')),
      () => books.ledger.sign('a', authorization(1000n)),
      () => books.ledger.settle('a', { report: report() }),
    ];
    for (const move of moves) {
      relay.cut = 'after-commit';
      await move();
    }
    expect(relay.cuts).toBe(3);
    expect(await states()).toEqual(['a held', 'a signed', 'a settled']);
    expect(books.auditLines().map(({ event }) => event)).toEqual(['payment_signed', 'chat_completion']);
  });

  it('before the server has committed leaves nothing done, in the ledger or in the audit', async () => {
    await books.ledger.place(claim('a'));
    relay.cut = 'before-commit';
    await expect(books.ledger.sign('a', authorization(1000n))).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(await states()).toEqual(['a held']);
    await books.ledger.sign('a', authorization(1000n));
    expect(await states()).toEqual(['a held', 'a signed']);
    expect(books.auditLines().map(({ event }) => event)).toEqual(['audit_repaired', 'payment_signed'].toSorted().toReversed());
  });
});

describe('a server that is slow', () => {
  it('stops every payment with a clear error, and all goes on once it is not', async () => {
    const url = await server.database();
    const books = await booksOn(url);
    await books.ledger.place(claim('a'));
    const other = await storeOn(url);
    const { turn: holdsTheTurn, begun } = occupy(other, (tx) => sql`select pg_sleep(6)`.execute(tx));
    await begun;
    await expect(books.ledger.sign('a', authorization(1000n))).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: matching(/lock timeout/),
    });
    await holdsTheTurn;
    await books.ledger.sign('a', authorization(1000n));
    expect(books.auditLines()).toMatchObject([{ event: 'payment_signed' }]);
    await other.onApplicationShutdown();
    await books.close();
  });
});

describe('a machine that freezes in the middle of a booking', () => {
  it('loses its turn, and the others go on', async () => {
    const url = await server.database();
    const books = await booksOn(url);
    const frozen = await storeOn(url);
    let thaw = (): void => undefined;
    const { turn, begun } = occupy(frozen, () => new Promise<void>((resolve) => (thaw = resolve)));
    await begun;
    await books.ledger.place(claim('a'));
    thaw();
    await expect(turn).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(await books.ledger.totals(new Date().toISOString().slice(0, 10))).toMatchObject({ heldMicroUsd: 50_000n });
    await frozen.onApplicationShutdown();
    await books.close();
  });
});

describe('a server that goes away', () => {
  it('stops every payment with a clear error, and all goes on once it is back', async () => {
    const own = await PostgresServer.start();
    const books = await booksOn(await own.database());
    try {
      await books.ledger.place(claim('a'));
      await own.pause();
      for (const asked of [books.ledger.place(claim('b')), books.ledger.sign('a', authorization(1n)), books.ledger.verifyOpen()]) {
        await expect(asked).rejects.toMatchObject({ code: 'ledger_unavailable' });
      }
      await own.resume();
      await books.ledger.sign('a', authorization(1000n));
      expect((await books.ledger.settle('a', { report: report() })).totals).toMatchObject({ spentMicroUsd: 1000n, heldMicroUsd: 0n });
    } finally {
      await books.close();
      await own.stop();
    }
  });
});

describe('the clock of the server', () => {
  it('says on which day a hold counts', async () => {
    const books = await booksOn(await server.database());
    const placed = await books.ledger.place(claim('a'));
    const { at } = await books.store.reader.selectFrom('entry').select('at').executeTakeFirstOrThrow();
    expect(placed).toMatchObject({ kind: 'held', hold: { day: new Date(Number(at)).toISOString().slice(0, 10) } });
    await books.close();
  });

  it.each([-31_000, 31_000])('stops a machine whose own clock is %d ms off, but books what it has paid', async (skewMs) => {
    const clock = new FakeClock(new Date().toISOString());
    const books = await booksOn(await server.database(), clock);
    await books.ledger.place(claim('a'));
    clock.turnTo(new Date(Date.now() + skewMs).toISOString());
    for (const asked of [books.ledger.place(claim('b')), books.ledger.verifyOpen()]) {
      await expect(asked).rejects.toMatchObject({ code: 'clock_unreliable', message: matching(/31 s/) });
    }
    await books.ledger.sign('a', authorization(1000n));
    await books.ledger.settle('a', { report: report() });
    await books.close();
  });
});
