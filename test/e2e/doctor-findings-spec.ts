import { appendFileSync, chmodSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generatePrivateKey } from 'viem/accounts';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { systemClock } from '../../src/clock/clock.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { DoctorSite } from '../support/doctor-site.js';
import { authorization } from '../support/offers.js';
import { openBooks } from '../support/open-books.js';

describe('what the doctor finds', () => {
  let world: World;
  let sound: DoctorSite;
  let site: DoctorSite;
  let paid: { sends: number; settlements: number };

  beforeAll(async () => {
    world = await startWorld();
    sound = await DoctorSite.after(world);
  });
  beforeEach(() => {
    site = sound.copy();
    paid = { sends: world.seller.paidSends, settlements: world.seller.settlements.length };
  });
  afterEach(() => {
    world.seller.faults.always = undefined;
    // Whatever a test has broken, nothing was paid for it.
    expect({ sends: world.seller.paidSends, settlements: world.seller.settlements.length }).toEqual(paid);
    site.remove();
  });
  afterAll(async () => {
    sound.remove();
    await world.stop();
  });

  const ledger = () => SqlStore.open({ ledgerFile: site.file('state/ledger.sqlite'), createsLedger: false });
  const changeLedger = async (change: (store: SqlStore) => Promise<unknown>) => {
    const store = await ledger();
    await change(store);
    await store.onApplicationShutdown();
  };

  type Expected = Record<string, ['warn' | 'fail', RegExp]>;
  const expectFound = async (expected: Expected, more: Record<string, string> = {}) => {
    const found = await site.examine(more);
    expect(found.notOk()).toEqual(Object.keys(expected));
    for (const [name, [status, says]] of Object.entries(expected)) {
      const line = found.line(name);
      expect([line.status, `${line.says} > ${line.next ?? ''}`]).toEqual([status, expect.stringMatching(says)]);
    }
    expect(found.output).not.toContain(world.wallet.privateKey.slice(2));
  };

  const BOOKS_UNREAD: Expected = { budget: ['warn', /ledger cannot be read/], audit: ['warn', /ledger cannot be read/] };

  it.each<[string, Record<string, string>, Expected]>([
    ['a slip of the pen', { BLOCKRUN_DAILY_BUDGET: '5' }, { configuration: ['warn', /BLOCKRUN_DAILY_BUDGET is no setting/] }],
    ['a dry run', { BLOCKRUN_DRY_RUN: '1' }, { configuration: ['warn', /dry run.*unset BLOCKRUN_DRY_RUN/] }],
    ['no node', { BLOCKRUN_RPC_URL: '' }, { balance: ['warn', /set BLOCKRUN_RPC_URL/] }],
    ['a node that is away', { BLOCKRUN_RPC_URL: 'http://127.0.0.1:9/' }, { balance: ['fail', /BLOCKRUN_RPC_URL/] }],
    ['a wallet without money', { X402_PRIVATE_KEY: generatePrivateKey() }, { balance: ['fail', /^\$0\.00.*send USDC on Base to 0x/] }],
    ['a cap above the balance', { BLOCKRUN_DAILY_BUDGET_USD: '9' }, { balance: ['warn', /send USDC on Base to 0x/] }],
    [
      'a cap that is used up',
      { BLOCKRUN_DAILY_BUDGET_USD: '0.001', BLOCKRUN_MAX_USD_PER_REQUEST: '0.001' },
      { budget: ['warn', /\$0\.00 left > wait for 00:00 UTC/], seller: ['fail', /more than one may cost/] },
    ],
    [
      'a seller that is away',
      { BLOCKRUN_CHAT_URL: 'http://127.0.0.1:9/x' },
      { seller: ['fail', /127\.0\.0\.1:9 cannot be reached: .*REFUSED/] },
    ],
    [
      'AgentCash that is not installed',
      { BLOCKRUN_PAYER: 'agentcash', BLOCKRUN_AGENTCASH: '/nonexistent/agentcash', X402_PRIVATE_KEY: `0x${'1'.repeat(64)}` },
      { AgentCash: ['fail', /no program at BLOCKRUN_AGENTCASH/], balance: ['fail', /nothing can be paid/] },
    ],
    ['another payee in the settings', { BLOCKRUN_PAY_TO: `0x${'1'.repeat(40)}` }, { payee: ['fail', /but only 0x1{40} is trusted/] }],
  ])('with %s says so, and nothing else', async (_what, environment, expected) => {
    await expectFound(expected, environment);
  });

  it.each<[Fault, Expected]>([
    ['quote-foreign-asset', { seller: ['fail', /not payable in USDC on Base/] }],
    ['quote-unreadable', { seller: ['fail', /form that cannot be read/] }],
    ['quote-huge', { seller: ['fail', /asks \$1000\.00 for this request, more than 5 times/] }],
    ['quote-foreign-payee', { payee: ['fail', /but only 0x\w+ is trusted.*find out from the seller's own pages/] }],
    ['error-401', { seller: ['fail', /answers 401/] }],
    ['error-404', { seller: ['fail', /answers 404.*check BLOCKRUN_CHAT_URL/] }],
    ['error-429', { seller: ['warn', /answers 429.*try again later/] }],
    ['error-503', { seller: ['warn', /answers 503/] }],
    ['reset-before-quote', { seller: ['fail', /cannot be reached/] }],
    ['hang-before-quote', { seller: ['fail', /cannot be reached/] }],
  ])('at a seller with the fault %s says so, and nothing else', async (fault, expected) => {
    world.seller.faults.always = fault;
    await expectFound(expected, { BLOCKRUN_TIMEOUT_MS: '1000' });
  });

  it.each<[string, () => unknown, Expected]>([
    ['a pause', () => writeFileSync(site.file('state/PAUSE'), ''), { budget: ['fail', /paused by the file .*PAUSE > rm /] }],
    ['no wallet', () => rmSync(site.file('wallet.json')), { wallet: ['fail', /no such file/], balance: ['warn', /no wallet/] }],
    [
      'a wallet that others can read',
      () => chmodSync(site.file('wallet.json'), 0o644),
      { wallet: ['fail', /mode 644\): chmod 600/], balance: ['warn', /no wallet/] },
    ],
    [
      'a wallet that is none',
      () => writeFileSync(site.file('wallet.json'), `{"privateKey": "${world.wallet.privateKey}", }`),
      { wallet: ['fail', /not an AgentCash wallet/], balance: ['warn', /no wallet/] },
    ],
    [
      'books that others can read',
      () => [chmodSync(site.file('state'), 0o755), chmodSync(site.file('state/audit.jsonl'), 0o640)],
      { files: ['fail', /mode 755\).*audit\.jsonl is open to others .*\(mode 640\).*chmod 700 .*chmod 600 /] },
    ],
    [
      'a ledger that is no database',
      () => [
        rmSync(site.file('state/ledger.sqlite-wal')),
        writeFileSync(site.file('state/ledger.sqlite'), 'no database at all'.repeat(300)),
      ],
      { ledger: ['fail', /cannot be used.*not a database/], ...BOOKS_UNREAD, payee: ['warn', /ledger cannot be read/] },
    ],
    ['an audit whose ledger is gone', () => rmSync(site.file('state/ledger.sqlite')), { audit: ['fail', /restore the ledger file/] }],
    [
      'an audit in which a line was changed',
      () => rewrite('audit.jsonl', (text) => text.replace('"streamed":false', '"streamed":true')),
      { audit: ['fail', /audit\.jsonl:\d+ was changed.*pause/] },
    ],
    ['an audit that was cut', () => truncateSync(site.file('state/audit.jsonl'), 200), { audit: ['fail', /audit\.jsonl:1 is cut/] }],
    ['what was written since', () => appendFileSync(site.file('state/audit.jsonl'), 'half a li'), {}],
  ])('with %s says so, and nothing else', async (_what, breakIt, expected) => {
    await breakIt();
    await expectFound(expected);
  });

  const rewrite = (name: string, edit: (text: string) => string) => {
    const path = site.file(`state/${name}`);
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
  };

  it('with a ledger of a later version says which version it needs, and leaves it alone', async () => {
    await changeLedger((store) =>
      store.reader
        .insertInto('kysely_migration' as never)
        .values({ name: '999-later', timestamp: '2099' })
        .execute(),
    );
    await expectFound({ ledger: ['fail', /later version .* by 999-later/], ...BOOKS_UNREAD, payee: ['warn', /ledger cannot be read/] });
  });

  it('with a total that was changed says that the ledger does not add up', async () => {
    await changeLedger((store) => store.reader.updateTable('day').set({ spent: 1n }).execute());
    await expectFound({ ledger: ['fail', /does not add up/], audit: ['fail', /day \d{4}-\d\d-\d\d/] });
  });

  it('with a day that lies ahead says that the clock went back', async () => {
    await changeLedger((store) => {
      const none = { spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n, newest_hold: 0n };
      return store.reader
        .insertInto('day')
        .values({ day: '2099-01-01', ...none })
        .execute();
    });
    await expectFound({ clock: ['fail', /records of 2099-01-01.*accept-clock/] });
  });

  it('tells of a stop and of payments without a verdict', async () => {
    const books = await openBooks({ directory: site.file('state'), clock: systemClock });
    const report = { event: 'upstream_error', dryRun: false, streamed: false, durationMs: 1 } as const;
    await books.ledger.place({ id: 'a', model: 'openai/gpt-5.4-nano', maxMicroUsd: 1000n, capMicroUsd: 1_000_000n });
    await books.ledger.sign('a', authorization(1000n));
    await books.ledger.leaveUnresolved('a', { report });
    await books.control.stop('something is odd');
    await books.close();
    await expectFound({ budget: ['fail', /1 payment has no verdict.*something is odd.*reconcile/] });
  });
});
