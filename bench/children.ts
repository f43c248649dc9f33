import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawnBound, type BoundProcess } from '../sandbox/bound-process.js';
import { PROXY_FLAGS } from '../sandbox/proxy-flags.js';
import { FREE_MODEL, PAID_MODEL, UPSTREAM_PATH } from './wire.js';

export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Children {
  readonly upstream: Server;
  readonly pipe: Server;
  readonly proxy: Server;
}

export interface ChildPlace {
  /** Home, working and state directory of the child. */
  readonly directory: string;
  /** Gets every child as soon as it runs, so that it is stopped even if a later one does not start. */
  readonly opened: (server: { stop(): Promise<void> }) => void;
}

export interface ChildrenOptions extends ChildPlace {
  readonly tokens: number;
  readonly firstTokenMs: number;
}

const START_TIMEOUT_MS = 20_000;
const LOOK_EVERY_MS = 20;
const KEPT_OUTPUT_CHARS = 4_000;

let started = 0;

/** Each is a process of its own, so that the CPU time and the memory of the proxy are the proxy's alone. */
export async function startChildren({ directory, tokens, firstTokenMs, opened }: ChildrenOptions): Promise<Children> {
  const at = { directory, opened };
  const upstream = await startUpstream({ ...at, tokens, firstTokenMs });
  const pipe = await startProgram({ ...at, program: './pipe.program.js', args: [upstream.url] });
  const proxy = await startBenchProxy({ ...at, upstream });
  return { upstream, pipe, proxy };
}

export function startUpstream({ tokens, firstTokenMs, ...at }: ChildrenOptions): Promise<Server> {
  return startProgram({ ...at, program: './upstream.program.js', args: [String(tokens), String(firstTokenMs)] });
}

/** With its state in the directory, which may have some already. */
export function startBenchProxy({
  upstream,
  more,
  ...at
}: ChildPlace & { upstream: Server; more?: Record<string, string> }): Promise<Server> {
  const environment = {
    ...stateIn(at.directory),
    NODE_ENV: 'production',
    PORT: '0',
    BLOCKRUN_CHAT_URL: upstream.url + UPSTREAM_PATH,
    BLOCKRUN_MODELS: [PAID_MODEL, FREE_MODEL].join(','),
    BLOCKRUN_DAILY_BUDGET_USD: '1000000',
    X402_PRIVATE_KEY: `0x${randomBytes(32).toString('hex')}`,
    ...more,
  };
  return startProgram({ ...at, program: '../main.js', args: [], environment, flags: PROXY_FLAGS });
}

/** A ledger without a proxy around it: spender.program.ts. Its audit is in the directory. */
export function startSpender({ ledger, machine, ...at }: ChildPlace & { ledger: string; machine: string }): Promise<Server> {
  return startProgram({ ...at, program: './spender.program.js', args: [ledger, at.directory, machine] });
}

/** Runs a command of the proxy on the state in the directory to its end. @throws where it fails */
export async function runCommand(directory: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<void> {
  const env = { PATH: process.env['PATH'], ...stateIn(directory), ...more };
  await promisify(execFile)(process.execPath, [...PROXY_FLAGS, programPath('../main.js'), ...args], { cwd: directory, env });
}

function stateIn(directory: string) {
  return {
    HOME: directory,
    BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
    BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
  };
}

/** The program, which lies beside this one, says on its output where it listens. @throws with its last words where it does not */
export async function startProgram(
  what: ChildPlace & { program: string; args: string[]; environment?: NodeJS.ProcessEnv; flags?: readonly string[] },
): Promise<Server> {
  const { directory, opened, program, args, environment = {}, flags = [] } = what;
  // What it prints is nothing that the load generator should read while it measures.
  const printed = join(directory, `${basename(program)}-${(started += 1)}.log`);
  const log = await open(printed, 'w');
  const bound = spawnBound(process.execPath, [...flags, programPath(program), ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'], ...environment },
    output: log.fd,
  });
  await log.close();
  opened(bound);
  const url = await listeningUrl(bound, program, printed);
  return { url, pid: bound.child.pid ?? 0, stop: () => bound.stop() };
}

function programPath(program: string): string {
  // This file is dist/bench/children.js when it runs.
  const path = fileURLToPath(new URL(program, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is not built. Run "npm run bench".`);
  return path;
}

/** Every child chooses its own port and says so on its output. @throws with its last words where it does not */
async function listeningUrl({ child }: BoundProcess, program: string, printed: string): Promise<string> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const output = await readFile(printed, 'utf8');
    const url = /listening on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
    if (url !== undefined) return url;
    const hasEnded = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    const why = hasEnded ? 'ended' : performance.now() > deadline ? 'did not start in time' : undefined;
    if (why !== undefined) throw new Error(`${program} ${why}:\n${output.slice(-KEPT_OUTPUT_CHARS).trim()}`);
    await delay(LOOK_EVERY_MS);
  }
}
