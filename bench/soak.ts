import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS } from '../sandbox/block-run/faults.js';
import { MODELS } from '../sandbox/block-run/models.js';
import type { World } from '../sandbox/world.js';
import { readBooks } from './soak-books.js';
import { callAt } from './soak-calls.js';
import { drive, type Proxies } from './soak-drive.js';
import { sizesOf, watchLog } from './soak-files.js';
import { SoakProxy } from './soak-proxy.js';
import { failuresOf, soakReport, type SoakResults } from './soak-report.js';
import { comeToRest } from './soak-rest.js';
import { startSoakWorld } from './soak-world.js';

const USAGE = `Usage: npm run soak -- [--calls 10000] [--seed N] [--kills N]

  --calls  how many calls two proxies get that share one ledger
  --seed   chooses the calls, their faults and the kills; what meets what still depends on the time that things take
  --kills  how often a proxy is killed and started again; one for 500 calls if not given. Some die once more while they start
`;

const CALLS = 10_000;
const CALLS_PER_KILL = 500;
const FUNDED_MICRO_USD = 1_000_000_000n;
/** Of what all calls together would cost: the last of them are refused. */
const CAP_PERCENT = 80n;
/** Some faults never answer: every one of them costs this much time. */
const TIMEOUT_MS = 2_000;

interface Settings {
  readonly calls: number;
  readonly seed: number;
  readonly kills: number;
}

interface Opened {
  stop(): Promise<unknown>;
}

/** Progress goes to standard error, so that the report can be piped. */
const progress = (line: string) => void process.stderr.write(`${line}\n`);

const askedToStop = new Promise<'stopped'>((stop) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop('stopped'));
});

function readArguments(): Settings | undefined {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { calls: text, seed: text, kills: text, help: { type: 'boolean' } } });
    if (values.help === true) return undefined;
    const calls = wholeNumber('calls', values.calls ?? String(CALLS), 2);
    return {
      calls,
      seed: wholeNumber('seed', values.seed ?? String(randomInt(1_000_000)), 0),
      kills: wholeNumber('kills', values.kills ?? String(Math.ceil(calls / CALLS_PER_KILL)), 0),
    };
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function wholeNumber(name: string, text: string, from: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < from) throw new Error(`--${name} must be a whole number from ${from}`);
  return Number(text);
}

/** What is started is in `opened`, so that the caller stops it on every way out. */
async function soak(settings: Settings, directory: string, opened: Opened[]): Promise<SoakResults> {
  const startedAt = performance.now();
  // The chain keeps its history, some gigabytes of it, below the home directory and leaves it there.
  process.env['HOME'] = directory;
  const world = await startSoakWorld(FUNDED_MICRO_USD, progress);
  opened.push(world);
  const state = join(directory, 'state');
  await mkdir(state, { mode: 0o700 });
  const mix = mixOf(world, settings);
  const capMicroUsd = (mix.costMicroUsd * CAP_PERCENT) / 100n;
  const environment = proxyEnvironment(world, state, capMicroUsd);
  const proxies: Proxies = [new SoakProxy(environment), new SoakProxy(environment)];
  opened.push(...proxies);
  await Promise.all(proxies.map((proxy) => proxy.start()));
  const largestLog = watchLog(state);

  const { kills } = settings;
  const driven = await drive({ ...settings, kills: Math.max(0, kills - 1), proxies, till: world.till, progress });
  const restedAt = performance.now();
  await comeToRest({ world, proxies, killsOne: kills > 0, progress });
  const resolveSeconds = (performance.now() - restedAt) / 1000;
  const sizes = sizesOf(state);
  const stopMs = await Promise.all(proxies.map((proxy) => proxy.stop()));

  progress('comparing the books');
  return {
    ...settings,
    capMicroUsd,
    faultCounts: [...mix.faults.values()],
    drive: { ...driven, kills: driven.kills + (kills > 0 ? 1 : 0) },
    failedSettlements: world.till.failures,
    books: await readBooks(world, state, FUNDED_MICRO_USD),
    proxies: proxies.map(({ peakMib, slowestStartMs, deaths, complaints }, index) => ({
      peakMib,
      slowestStartMs,
      deaths,
      stopMs: stopMs[index] ?? NaN,
      complaints,
    })),
    resolveSeconds,
    sizes,
    sizesAtEnd: sizesOf(state),
    largestLogBytes: largestLog(),
    totalSeconds: (performance.now() - startedAt) / 1000,
  };
}

/** What the calls cost together if every one is paid that is meant to be, and how often each fault is among them. */
function mixOf({ seller }: World, { calls, seed }: Settings): { costMicroUsd: bigint; faults: Map<string, number> } {
  let costMicroUsd = 0n;
  const faults = new Map(Object.keys(FAULTS).map((fault) => [fault, 0]));
  for (let index = 0; index < calls; index += 1) {
    const { isPaid, body, fault } = callAt(seed, index);
    if (isPaid) costMicroUsd += seller.price(body).totalMicroUsd;
    if (fault !== undefined) faults.set(fault, (faults.get(fault) ?? 0) + 1);
  }
  return { costMicroUsd, faults };
}

function proxyEnvironment({ seller, wallet, chain }: World, state: string, capMicroUsd: bigint): Record<string, string> {
  return {
    NODE_ENV: 'production',
    HOME: state,
    BLOCKRUN_CHAT_URL: seller.chatUrl,
    BLOCKRUN_MODELS: MODELS.map(({ id }) => id).join(','),
    BLOCKRUN_DAILY_BUDGET_USD: (Number(capMicroUsd) / 1e6).toFixed(6),
    BLOCKRUN_TIMEOUT_MS: String(TIMEOUT_MS),
    BLOCKRUN_RPC_URL: chain?.rpcUrl ?? '',
    // As small as it can be, so that the audit goes through several files while two processes write it.
    BLOCKRUN_AUDIT_MAX_MB: '1',
    BLOCKRUN_AUDIT_LOG: join(state, 'audit.jsonl'),
    BLOCKRUN_LEDGER_FILE: join(state, 'ledger.json'),
    X402_PRIVATE_KEY: wallet.privateKey,
  };
}

async function run(settings: Settings): Promise<number> {
  progress(
    `${settings.calls} calls, ${settings.kills} kills; again with: --calls ${settings.calls} --seed ${settings.seed} --kills ${settings.kills}`,
  );
  const directory = await mkdtemp(join(tmpdir(), 'blockrun-soak-'));
  const opened: Opened[] = [];
  let isStopping = false;
  const soaked = soak(settings, directory, opened).catch((error: unknown) => {
    if (!isStopping) progress(`The soak failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
  const results = await Promise.race([soaked, askedToStop]);
  isStopping = true;
  for (const part of [...opened].reverse()) await part.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });

  if (results === 'stopped') return 130;
  if (results === undefined) return 1;
  process.stdout.write(`\n${soakReport(results)}\n`);
  return failuresOf(results).length === 0 ? 0 : 1;
}

const given = readArguments();
if (given === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  // Exit at once: a child that was just starting when we were told to stop is bound to this process and ends with it.
  process.exit(await run(given));
}
