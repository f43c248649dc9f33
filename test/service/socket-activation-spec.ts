import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeWith } from '../support/available.js';
import { until } from '../support/until.js';

const HOLDER = fileURLToPath(new URL('../support/socket-holder.pl', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

describeWith(['perl'], 'the proxy on a socket that systemd holds', () => {
  let directory: string;
  let holder: ChildProcess;
  let output = '';
  let running = 0;

  beforeEach(async () => {
    output = '';
    directory = mkdtempSync(join(tmpdir(), 'proxy-socket-'));
    const env = { PATH: process.env.PATH, HOME: directory, BLOCKRUN_DRY_RUN: '1', PORT: '1' };
    holder = spawn('perl', [HOLDER, process.execPath, MAIN], { cwd: directory, env, stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdout?.on('data', (part: Buffer) => (output += part.toString()));
    await until(() => output.startsWith('listening '), 'the socket');
  });
  afterEach(() => {
    if (isAlive(running)) process.kill(running, 'SIGKILL');
    holder.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const url = () => `http://127.0.0.1:${/listening (\d+)/.exec(output)?.[1]}`;
  const start = async () => {
    const before = output.length;
    holder.stdin?.write('start\n');
    await until(() => /started \d+/.test(output.slice(before)), 'the process');
    running = Number(/started (\d+)/.exec(output.slice(before))?.[1]);
  };
  const call = () =>
    fetch(`${url()}/v1/chat/completions`, {
      method: 'POST',
      signal: AbortSignal.timeout(60_000),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-5.4-nano', messages: [{ role: 'user', content: 'hi' }] }),
    });

  it('serves on it, and whoever calls while the service restarts waits and is answered', async () => {
    await start();
    expect((await call()).status).toBe(200);
    process.kill(running, 'SIGTERM');
    await until(() => !isAlive(running), 'the end of the first process');
    const waiting = call();
    await start();
    expect((await waiting).status).toBe(200);
  });
});

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
