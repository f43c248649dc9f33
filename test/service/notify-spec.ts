import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { ProxyProcess } from '../e2e/proxy-process.js';
import { chatBody } from '../e2e/proxy.js';
import { describeWith } from '../support/available.js';
import { until } from '../support/until.js';

const NOTIFY_SOCKET_PROGRAM = fileURLToPath(new URL('../support/notify-socket.pl', import.meta.url));

/** After its clean stop Nest ends the process by the signal that asked for it, which systemd takes for success. */
const CLEAN_END = 'SIGTERM';

describeWith(['systemd-notify', 'perl'], 'the proxy and the service manager that started it', () => {
  let world: World;
  let directory: string;
  let manager: ChildProcess;
  let heard = '';
  const started: ProxyProcess[] = [];

  beforeAll(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    heard = '';
    directory = mkdtempSync(join(tmpdir(), 'proxy-notify-'));
    manager = spawn('perl', [NOTIFY_SOCKET_PROGRAM, join(directory, 'notify')], { stdio: ['ignore', 'pipe', 'inherit'] });
    manager.stdout?.on('data', (part: Buffer) => (heard += part.toString()));
    await until(() => heard.startsWith('bound\n'), 'the socket');
  });
  afterEach(async () => {
    world.seller.resume();
    for (const proxy of started.splice(0)) {
      proxy.kill('SIGCONT');
      proxy.kill('SIGKILL');
      await proxy.ended();
    }
    manager.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  afterAll(() => world.stop());

  const notices = (kind: string) => heard.split('\n').filter((line) => line.startsWith(kind));
  const start = (environment: Record<string, string> = {}) => {
    const proxy = new ProxyProcess(directory, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
      BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
      NOTIFY_SOCKET: join(directory, 'notify'),
      ...environment,
    });
    started.push(proxy);
    return proxy;
  };
  const post = (url: string, fields: Record<string, unknown> = {}) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chatBody(fields)),
    });

  it('it says that it is ready once it serves, what is spent, and that it stops', async () => {
    const proxy = start();
    await until(() => notices('READY=1').length === 1, 'the notice that it is ready');
    const url = await proxy.listening();
    await (await post(url)).text();
    await until(
      () => notices('STATUS=').some((line) => /\$0\.00\d+ of \$1\.00 spent on .* in 1 calls/.test(line)),
      'the status of a paid call',
      {
        withinMs: 30_000,
      },
    );
    proxy.kill('SIGTERM');
    expect(await proxy.ended()).toBe(CLEAN_END);
    expect(notices('STOPPING=1')).toHaveLength(1);
  });

  it('it never says that it is ready when the start fails', async () => {
    const proxy = start({ BLOCKRUN_DAILY_BUDGET_USD: '-1' });
    expect(await proxy.ended()).toBe(1);
    expect(heard).toBe('bound\n');
  });

  it('signs of life come while the event loop turns, and stop when it does not', async () => {
    const proxy = start({ WATCHDOG_USEC: '300000' });
    await until(() => notices('WATCHDOG=1').length >= 3, 'signs of life');
    proxy.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 300)); // what was under way arrives
    const before = notices('WATCHDOG=1').length;
    await new Promise((resolve) => setTimeout(resolve, 900)); // three watchdog times
    expect(notices('WATCHDOG=1')).toHaveLength(before);
    proxy.kill('SIGCONT');
    await until(() => notices('WATCHDOG=1').length > before, 'a sign of life after it goes on');
  });

  it('signs of life are not for a process that only inherited the variables', async () => {
    const proxy = start({ WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' });
    await until(() => notices('STATUS=').length > 0, 'the status');
    await proxy.listening();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(notices('WATCHDOG=1')).toEqual([]);
  });

  it.each([
    ['while nothing runs', () => Promise.resolve()],
    [
      'while the seller lets the unpaid request wait',
      (url: string) => sendAndLeaveOpen(url, { x_sandbox: { fault: 'hang-before-quote' } }),
    ],
    ['while a paid stream comes in', (url: string) => sendAndLeaveOpen(url, { stream: true, x_sandbox: { tokenDelayMs: 20 } })],
  ])('a stop %s leaves no child behind', async (_phase, prepare: (url: string) => Promise<unknown>) => {
    const proxy = start({ BLOCKRUN_TIMEOUT_MS: '1500' });
    const url = await proxy.listening();
    await until(() => notices('READY=1').length === 1, 'the notice that it is ready');
    await prepare(url);
    const children = childrenOf(proxy.pid);
    expect(children.length).toBeGreaterThan(0); // the messenger
    proxy.kill('SIGTERM');
    expect(await proxy.ended()).toBe(CLEAN_END);
    expect(children.filter(isAlive)).toEqual([]);
  });

  const sendAndLeaveOpen = async (url: string, fields: Record<string, unknown>) => {
    const before = world.seller.asked;
    void post(url, fields)
      .then((answer) => answer.text())
      .catch(() => undefined);
    await until(() => world.seller.asked > before, 'the seller to be asked');
  };
});

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it ended meanwhile
  }
}

function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}
