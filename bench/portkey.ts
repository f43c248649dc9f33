import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawnBound } from '../sandbox/bound-process.js';
import { freePort } from '../sandbox/free-port.js';
import type { OtherGateway } from './other-gateway.js';
import { UPSTREAM_PATH } from './wire.js';

const PACKAGE = '@portkey-ai/gateway@1.15.2';

/** Kept from one run to the next. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/blockrun-openclaw-proxy/portkey', import.meta.url));
const PROGRAM = join(CACHE, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
const START_ATTEMPTS = 200;
const ATTEMPT_MS = 50;

/** Whole answers alone: its streams fail on Node's own `fetch` ("immutable" headers), and it pays nobody. */
export const portkey: OtherGateway = {
  name: PACKAGE,
  kinds: [{ paid: false, streamed: false }],

  async start(_upstream, { opened }) {
    await install();
    const port = await freePort(); // it takes one as an argument, and says nowhere which one it has
    const bound = spawnBound(process.execPath, [PROGRAM, `--port=${port}`, '--headless'], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    });
    opened(bound);
    for (const stream of [bound.child.stdout, bound.child.stderr]) stream?.resume();
    const url = `http://127.0.0.1:${port}`;
    for (let attempt = 1; ; attempt += 1) {
      if (await fetch(url).catch(() => undefined)) break;
      if (attempt === START_ATTEMPTS) throw new Error(`${PACKAGE} did not start in time`);
      await delay(ATTEMPT_MS);
    }
    return { url, pid: bound.child.pid ?? 0, stop: () => bound.stop() };
  },

  headers: ({ url }) => ({
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': url + dirname(dirname(UPSTREAM_PATH)),
    authorization: 'Bearer none',
  }),
};

/** Where it is missing. @throws where npm cannot */
async function install(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  await mkdir(CACHE, { recursive: true });
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--prefix', CACHE, PACKAGE]);
}
