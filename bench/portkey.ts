import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawnBound } from '../sandbox/bound-process.js';
import { freePort } from '../sandbox/free-port.js';
import type { Server } from './children.js';

/** The one gateway of peers.ts that npm has. */
export const PORTKEY = '@portkey-ai/gateway@1.15.2';

/** Kept from one run to the next. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/blockrun-openclaw-proxy/portkey', import.meta.url));
const PROGRAM = join(CACHE, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
const START_ATTEMPTS = 200;
const ATTEMPT_MS = 50;

/** Installs it where it is missing. @throws where npm cannot */
export async function installPortkey(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  await mkdir(CACHE, { recursive: true });
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--prefix', CACHE, PORTKEY]);
}

/** @throws where it does not listen in time */
export async function startPortkey(opened: (server: { stop(): Promise<void> }) => void): Promise<Server> {
  const port = await freePort(); // it takes one as an argument, and says nowhere which one it has
  const bound = spawnBound(process.execPath, [PROGRAM, `--port=${port}`, '--headless'], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  opened(bound);
  for (const stream of [bound.child.stdout, bound.child.stderr]) stream?.resume();
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 1; ; attempt += 1) {
    if (await fetch(url).catch(() => undefined)) break;
    if (attempt === START_ATTEMPTS) throw new Error(`${PORTKEY} did not start in time`);
    await delay(ATTEMPT_MS);
  }
  return { url, pid: bound.child.pid ?? 0, stop: () => bound.stop() };
}

/** What tells it to hand a call on to this upstream, as to OpenAI. */
export function portkeyHeaders(upstreamUrl: string): Record<string, string> {
  return { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': upstreamUrl, authorization: 'Bearer none' };
}
