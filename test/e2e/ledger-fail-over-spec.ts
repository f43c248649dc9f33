import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { displayUsd, formatUsd } from '../../src/money/micro-usd.js';
import { linesOf, verifyChain } from '../support/audit-chain.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/until.js';
import { chatBody } from './proxy.js';
import { runProgram } from '../support/run-program.js';
import { ProxyProcess } from './proxy-process.js';

/** A server whose log is archived, and what can take its place: neither has what was paid last. */
class Site {
  readonly directory = new TemporaryDirectory();
  private readonly archive = this.directory.file('archive');
  private readonly backup = this.directory.file('backup');
  private successor: PostgresServer | undefined;

  private constructor(readonly primary: PostgresServer) {}

  static async open(): Promise<Site> {
    const site = new Site(await PostgresServer.start());
    const { primary, archive, directory } = site;
    chmodSync(directory.path, 0o711); // the server's user has to get through
    mkdirSync(archive);
    primary.own(archive);
    await primary.pause();
    await primary.resume({ archive_mode: 'on', archive_command: `cp %p ${archive}/%f` });
    await primary.backUp(site.backup);
    return site;
  }

  /** A standby that has received everything until now, and receives nothing more. */
  async fallBehind(): Promise<void> {
    const standby = await PostgresServer.restore(this.backup, 'standby', { primary_conninfo: this.primary.connectionInfo });
    this.successor = standby;
    const lsn = String(await this.primary.run('select pg_current_wal_flush_lsn()'));
    await until(async () => (await standby.run(`select pg_last_wal_replay_lsn() >= '${lsn}'`)) === true, 'the standby to follow');
    await standby.pause();
  }

  async promote(): Promise<void> {
    await this.primary.crash();
    await this.successor?.replace(this.primary);
    await this.successor?.run('select pg_promote()');
  }

  /** A point in time, and all of the log until there in the archive. */
  async mark(point: string): Promise<void> {
    await this.primary.run(`select pg_create_restore_point('${point}')`);
    const segment = String(await this.primary.run('select pg_walfile_name(pg_switch_wal())'));
    await until(() => readdirSync(this.archive).includes(segment), 'the archive');
  }

  async goBackTo(point: string): Promise<void> {
    await this.primary.crash();
    this.successor = await PostgresServer.restore(this.backup, 'recovery', {
      restore_command: `cp ${this.archive}/%f %p`,
      recovery_target_name: point,
      recovery_target_action: 'promote',
    });
    await until(async () => (await this.successor?.run('select pg_is_in_recovery()')) === false, 'the point in time');
    await this.successor.replace(this.primary);
  }

  async close(): Promise<void> {
    await this.successor?.stop();
    await this.primary.stop();
    this.directory.remove();
  }
}

describe.each<[string, (site: Site) => Promise<void>, (site: Site) => Promise<void>]>([
  ['a standby is promoted that had not received the last payments', (site) => site.fallBehind(), (site) => site.promote()],
  ['the server is put back to a point in time', (site) => site.mark('noon'), (site) => site.goBackTo('noon')],
])('when %s', (_name, prepare, happen) => {
  let world: World;
  let site: Site;
  let environment: Record<string, string>;
  let proxy: ProxyProcess;
  let state: TemporaryDirectory;
  let url: string;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    site = await Site.open();
    state = new TemporaryDirectory(); // the server's own is open to the user that it runs as
    environment = {
      BLOCKRUN_LEDGER_FILE: state.file('ledger.json'),
      BLOCKRUN_AUDIT_LOG: state.file('audit.jsonl'),
      BLOCKRUN_LEDGER_URL: await site.primary.database(),
      BLOCKRUN_MACHINE: 'alpha',
      BLOCKRUN_RPC_URL: world.chain?.rpcUrl ?? '',
      BLOCKRUN_REPLAY_WINDOW_MS: '0',
    };
    proxy = new ProxyProcess(state.path, {
      ...environment,
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
    });
    url = await proxy.listening();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
    expect((await post()).status).toBe(200);
    await prepare(site);
    for (const _lost of [1, 2]) expect((await post()).status).toBe(200);
    await world.seller.idle();
    await happen(site);
  });
  afterAll(async () => {
    proxy.kill('SIGKILL');
    await proxy.ended();
    await site.close();
    state.remove();
    await world.stop();
  });

  const post = async () => {
    const body = JSON.stringify(chatBody());
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return { status: answer.status, text: await answer.text() };
  };
  const budget = async () => (await (await fetch(`${url}/v1/budget`)).json()) as Record<string, string>;
  const run = (...words: string[]) => runProgram(words, { directory: state.path, environment });

  it('the proxy that runs on pays nothing until an operator has looked, who is shown what the books lack', async () => {
    expect((await post()).status).toBe(503);
    await until(async () => (await post()).text.includes('spending_stopped'), 'the stop');
    expect(await budget()).toMatchObject({ spentUsd: formatUsd(price) });
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(503);
    expect(JSON.stringify(await health.json())).toMatch(/the ledger lacks 4 records of machine alpha/);
    expect(world.seller.settlements).toHaveLength(3);

    const { code, output } = await run('reconcile');
    expect(code).toBe(3);
    expect(output.match(/not by this proxy/g)).toHaveLength(2);
    expect(output).toContain(`not by this proxy: ${displayUsd(price)}`);
    const [lost = ''] = readdirSync(state.path).filter((name) => name.includes('.lost-'));
    expect(linesOf(readFileSync(join(state.path, lost), 'utf8'))).toHaveLength(4);

    expect(await run('resume', '--reason', 'the two are taken off the budget')).toMatchObject({ code: 0, errors: '' });
    await until(async () => (await post()).status === 200, 'the next payment');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await run('audit', 'verify')).code).toBe(0);
    verifyChain(linesOf(readFileSync(state.file('audit.jsonl'), 'utf8')));
  });
});
