import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnBound, type BoundProcess } from './bound-process.js';
import { PROXY_FLAGS } from './proxy-flags.js';
import type { World } from './world.js';

export interface ProxyProcess {
  readonly url: string;
  readonly auditFile: string;
  readonly ledgerFile: string;
  /** Resolves with what the proxy last wrote when it ends without having been told to. */
  readonly died: Promise<string>;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  readonly world: World;
  /** Home, working and state directory of the proxy. */
  readonly directory: string;
  readonly port: number;
  readonly print: (line: string) => void;
}

export class ProxyNotBuiltError extends Error {
  constructor(path: string) {
    super(`The proxy is not built: ${path} does not exist. Run "npm run build" first.`);
  }
}

const HEALTH_TIMEOUT_MS = 20_000;
const HEALTH_POLL_MS = 100;
const STOP_GRACE_MS = 10_000;
const KEPT_OUTPUT_CHARS = 4_000;

/** The built proxy as users run it, with nothing of our environment but the PATH. Resolves when its /health is good. */
export async function startProxy({ world, directory, port, print }: ProxyOptions): Promise<ProxyProcess> {
  // This file is dist/sandbox/proxy.process.js when it runs.
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  if (!existsSync(program)) throw new ProxyNotBuiltError(program);

  const taken = await portOrFree(port);
  if (taken !== port) print(`Port ${port} is taken, so the proxy listens on ${taken}.`);
  const files = { auditFile: join(directory, 'audit.jsonl'), ledgerFile: join(directory, 'ledger.json') };
  const proxy = spawnBound(process.execPath, [...PROXY_FLAGS, program], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      // What it writes is shown only where it fails, and then among our own lines.
      NO_COLOR: '1',
      PORT: String(taken),
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_DAILY_BUDGET_USD: '1.00',
      ...(world.chain === undefined ? {} : { BLOCKRUN_RPC_URL: world.chain.rpcUrl }),
      BLOCKRUN_AUDIT_LOG: files.auditFile,
      BLOCKRUN_LEDGER_FILE: files.ledgerFile,
    },
  });
  const url = `http://127.0.0.1:${taken}`;
  let isToldToStop = false;
  const output = keepOutput(proxy);
  const died = new Promise<string>((resolve) => {
    proxy.child.once('error', (error) => resolve(error.message));
    // "close" comes after the last of its output.
    proxy.child.once('close', () => isToldToStop || resolve(output()));
  });
  const stop = () => {
    isToldToStop = true;
    return proxy.stop(STOP_GRACE_MS);
  };
  try {
    await Promise.race([waitForHealth(`${url}/health`), died.then((last) => failStart(`The proxy ended while it started:\n${last}`))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, ...files, died, stop };
}

async function waitForHealth(url: string): Promise<void> {
  const deadline = Date.now() + HEALTH_TIMEOUT_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch((error: unknown) => String(error));
    if (typeof answer === 'string') last = answer;
    else {
      last = `${answer.status} ${await answer.text()}`;
      if (answer.ok) return;
    }
    await delay(HEALTH_POLL_MS);
  }
  throw new Error(`The proxy was not healthy after ${HEALTH_TIMEOUT_MS / 1000} s. ${url} said: ${last}`);
}

function failStart(message: string): never {
  throw new Error(message);
}

function keepOutput({ child }: BoundProcess): () => string {
  let output = '';
  const keep = (text: Buffer) => (output = (output + text.toString()).slice(-KEPT_OUTPUT_CHARS));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => output.trim();
}

/** The port itself if nobody listens there, else one that the kernel chooses. */
async function portOrFree(port: number): Promise<number> {
  return (await tryPort(port)) ?? (await tryPort(0)) ?? port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const { port: found } = probe.address() as AddressInfo;
      probe.close(() => resolve(found));
    });
  });
}
