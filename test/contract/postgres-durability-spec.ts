import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { CuttingRelay } from '../support/cutting-relay.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, report } from './ledger-facts.js';

let server: PostgresServer;
let directory: TemporaryDirectory;
let books: Books | undefined;
let relay: CuttingRelay | undefined;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  directory = new TemporaryDirectory();
});
afterEach(async () => {
  await books?.close();
  await relay?.stop();
  [books, relay] = [undefined, undefined];
  directory.remove();
});

const open = async (engine: () => PostgresEngine): Promise<Books> => {
  const openStore = () => SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger: true }, engine);
  books = await openBooks({ directory: directory.path, clock: { now: () => new Date() }, openStore });
  return books;
};
const stateOf = async ({ store }: Books, id: string) =>
  (await store.reader.selectFrom('entry').select('state').where('hold_id', '=', id).orderBy('step', 'desc').execute())[0]?.state;

/** A server that crashed has given the id of what it lost to another transaction, which was committed. */
class ForgetfulPostgres extends PostgresEngine {
  override hasCommitted(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

describe('a server that gives the id of a lost transaction to another', () => {
  it.each<[string, (opened: Books) => Promise<unknown>, string | undefined]>([
    ['placed', ({ ledger }) => ledger.place(claim('new')), undefined],
    ['signed', ({ ledger }) => ledger.sign('held', authorization(1000n, 1)), 'held'],
    ['settled', ({ ledger }) => ledger.settle('signed', { report: report() }), 'signed'],
  ])('is not believed: a hold of which it has no such record was not %s', async (_name, move, state) => {
    relay = await CuttingRelay.to(await server.database());
    const { url } = relay;
    const opened = await open(() => new ForgetfulPostgres(url));
    for (const id of ['held', 'signed']) await opened.ledger.place(claim(id));
    await opened.ledger.sign('signed', authorization(1000n, 2));
    relay.cut = 'before-commit';
    await expect(move(opened)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(relay.cuts).toBe(1);
    expect(await stateOf(opened, state ?? 'new')).toBe(state);
    await move(opened);
  });
});

describe('tables that get a column while a proxy runs', () => {
  it('cost it a connection, and no more', async () => {
    const url = await server.database();
    const opened = await open(() => new PostgresEngine(url));
    await opened.ledger.place(claim('a'));
    await opened.store.write((tx) => sql`alter table day add column later bigint`.execute(tx));
    await opened.store.write((tx) => sql`alter table entry add column later bigint`.execute(tx));
    await opened.ledger.sign('a', authorization(1000n)).catch(() => undefined);
    await opened.ledger.sign('a', authorization(1000n));
    await opened.ledger.settle('a', { report: report() });
    expect(await stateOf(opened, 'a')).toBe('settled');
  });
});

describe('a server that crashes', () => {
  let own: PostgresServer;
  let opened: Books;
  beforeEach(async () => {
    own = await PostgresServer.start({ wal_writer_delay: '10s' }); // so that nothing gets to the disk by itself meanwhile
    const url = await own.database();
    opened = await open(() => new PostgresEngine(url));
  });
  afterEach(() => own.stop());

  const crash = async () => {
    await own.crash();
    await own.resume();
  };

  it('has every signature and every outcome that it had confirmed, the moment before', async () => {
    await opened.ledger.place(claim('a'));
    await opened.ledger.sign('a', authorization(1000n));
    await crash();
    expect(await stateOf(opened, 'a')).toBe('signed');
    await opened.ledger.settle('a', { report: report() });
    await crash();
    expect(await stateOf(opened, 'a')).toBe('settled');
    expect(await opened.ledger.totals(new Date().toISOString().slice(0, 10))).toMatchObject({ spentMicroUsd: 1000n, heldMicroUsd: 0n });
  });

  it('may lose a hold for which nothing was signed, which then cannot be signed any more', async () => {
    await opened.ledger.place(claim('a'));
    await crash();
    const isLost = (await stateOf(opened, 'a')) === undefined;
    const signed = await opened.ledger.sign('a', authorization(1000n)).catch(({ code }: { code: string }) => code);
    expect(await stateOf(opened, 'a')).toBe(isLost ? undefined : 'signed');
    expect(signed === 'ledger_unavailable').toBe(isLost);
  });
});
