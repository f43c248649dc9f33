import { chmodSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { send, serveOnLoopback } from '../../sandbox/loopback-server.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { DoctorSite, post } from '../support/doctor-site.js';

describe('the doctor', () => {
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

  it('finds a sound proxy sound, with the price, the balance and the payee', async () => {
    const asked = world.seller.asked;
    const found = await site.command();
    expect([found.code, found.notOk()]).toEqual([0, []]);
    expect(found.line('wallet').says).toContain(world.wallet.address);
    expect(found.line('balance').says).toMatch(/^\$4\.99\d* USDC on Base; at today's pace \(\$0\.\d+ a day\) it lasts \d+ days$/);
    expect(found.line('seller').says).toMatch(/asks \$0\.002 for a tiny request to deepseek\/deepseek-chat$/);
    expect(found.line('payee').says).toBe(`${world.seller.payTo}, as trusted`);
    expect(found.line('budget').says).toMatch(/^\$0\.\d+ of \$1\.00 spent today in 2 calls, /);
    expect(world.seller.asked).toBe(asked + 1);
  });

  it('changes no file, and makes none where there is none', async () => {
    const before = site.contents();
    await site.command();
    expect(site.contents()).toEqual(before);
    rmSync(site.file('state'), { recursive: true });
    const without = site.contents();
    const found = await site.command();
    expect([found.notOk(), site.contents()]).toEqual([[], without]);
    expect(found.line('ledger').says).toContain('the first start of the proxy makes it');
    expect(found.line('payee').says).toBe(`none is pinned yet: the first payment would pin ${world.seller.payTo}`);
  });

  it('shows people the same lines, with what to do about each, and a count', async () => {
    const { code, output } = await site.run([], { BLOCKRUN_RPC_URL: '' });
    expect(output).toMatch(/^ok {4}Node +\d/);
    expect(output).toMatch(/\nwarn {2}balance +not known[^\n]*\n +> set BLOCKRUN_RPC_URL/);
    expect(output).toContain('\n\n14 ok, 1 to look at, 0 failed. Nothing was changed, signed or paid.\n');
    expect(code).toBe(0);
  });

  it('with settings that cannot be used tells them all, and looks at nothing else', async () => {
    const found = await site.command({ PORT: 'eighty', BLOCKRUN_DAILY_BUDGET_USD: '-1' });
    expect([found.code, found.notOk()]).toEqual([1, ['configuration']]);
    expect(found.line('configuration').says).toMatch(/PORT must be.*BLOCKRUN_DAILY_BUDGET_USD must be/);
  });

  it('tells a .env that others can read, also where nothing in it keeps the proxy from starting', async () => {
    writeFileSync(site.file('.env'), 'BLOCKRUN_MAX_CONCURRENT=8\n');
    chmodSync(site.file('.env'), 0o644);
    const found = await site.command();
    expect([found.code, found.notOk()]).toEqual([0, ['files']]);
    expect(found.line('files')).toMatchObject({ status: 'warn', next: `chmod 600 ${site.file('.env')}` });
  });

  it('with everything broken at once tells all of it, and no secret', async () => {
    writeFileSync(site.file('.env'), `X402_PRIVATE_KEY=${world.wallet.privateKey}\n`, { mode: 0o600 });
    chmodSync(site.file('state'), 0o755);
    truncateSync(site.file('state/audit.jsonl'), 200);
    const store = await SqlStore.open({ ledgerFile: site.file('state/ledger.sqlite'), createsLedger: false });
    await store.reader.updateTable('day').set({ spent: 1n }).execute();
    await store.onApplicationShutdown();
    world.seller.faults.always = 'quote-foreign-payee';
    const taken = await serveOnLoopback((_request, response) => Promise.resolve(send(response, 200, 'hello', {})));
    const token = 'a-token-that-clients-send';
    const rpc = 'http://127.0.0.1:9/v2/secret-key';
    const more = { PORT: new URL(taken.url).port, BLOCKRUN_PROXY_TOKEN: token, BLOCKRUN_RPC_URL: rpc, BLOCKRUN_TYPO: '1' };
    const found = await site.command(more);
    await taken.stop();
    expect(found.notOk()).toEqual(['configuration', 'files', 'ledger', 'audit', 'balance', 'payee', 'port']);
    expect(found.code).toBe(1);
    expect(found.line('files').says).toContain('mode 755');
    expect(found.line('port').says).toContain('taken by another program');
    for (const secret of [world.wallet.privateKey.slice(2), token, 'secret-key']) expect(found.output).not.toContain(secret);
  });

  it('beside a running proxy tells how that is, and keeps no call waiting', async () => {
    const proxy = site.startProxy();
    const url = await proxy.listening();
    const examined = site.command();
    const answers = await Promise.all([post(url), post(url), post(url)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const found = await examined;
    expect([found.notOk(), found.line('port').says]).toEqual([[], expect.stringContaining('the proxy runs there, and is well')]);
    truncateSync(site.file('state/audit.jsonl'), 200);
    const broken = await site.examine();
    expect(broken.notOk()).toEqual(['audit', 'port']);
    expect(broken.line('port').says).toMatch(/pays nothing: .*shorter than the ledger/);
    proxy.kill('SIGKILL');
    await proxy.ended();
    expect(world.seller.paidSends).toBe(paid.sends + 3); // by the calls above
    paid = { sends: paid.sends + 3, settlements: paid.settlements + 3 };
  });
});
