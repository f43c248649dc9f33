import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { promises } from './aims.js';
import { startChildren } from './children.js';
import { openLanes } from './lanes.js';
import { quantile } from './load.js';
import { memoryMib, watchOthers } from './process-figures.js';
import { report } from './report.js';
import type { Results, Settings } from './results.js';
import { LOADS, measureInRounds } from './rounds.js';
import { measureSharedLedger } from './shared-ledger.js';
import { countSyncs } from './sync-count.js';

const USAGE = `Usage: npm run bench -- [--quick] [--rounds 6] [--requests 100] [--tokens 24] [--first-token-ms 0] [--json FILE]

  --quick           about a minute, for a first look
  --rounds          how often every lane has its turn
  --requests        calls of a lane in a round, one at a time
  --tokens          length of an answer
  --first-token-ms  how long the upstream lets its first token wait
  --json            also write every figure to this file
`;

const WHOLE: Settings = { rounds: 6, requests: 100, loadSeconds: 0.8, tokens: 24, firstTokenMs: 0 };
const QUICK: Settings = { ...WHOLE, rounds: 2, requests: 40, loadSeconds: 0.3 };
/** Between a proxy that listens and one that is at rest. */
const SETTLE_MS = 1_000;

interface Arguments {
  readonly settings: Settings;
  readonly jsonFile: string | undefined;
}

interface Opened {
  stop(): Promise<void>;
}

/** Progress goes to standard error, so that the report can be piped. */
const progress = (line: string) => void process.stderr.write(`${line}\n`);

const askedToStop = new Promise<'stopped'>((stop) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop('stopped'));
});

function readArguments(): Arguments | undefined {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const options = { rounds: text, requests: text, tokens: text, 'first-token-ms': text, json: text, quick: flag, help: flag };
    const { values } = parseArgs({ options });
    if (values.help === true) return undefined;
    const defaults = values.quick === true ? QUICK : WHOLE;
    const settings = {
      rounds: wholeNumber('rounds', values.rounds, { from: 1, otherwise: defaults.rounds }),
      requests: wholeNumber('requests', values.requests, { from: 1, otherwise: defaults.requests }),
      loadSeconds: defaults.loadSeconds,
      tokens: wholeNumber('tokens', values.tokens, { from: 1, otherwise: defaults.tokens }),
      firstTokenMs: wholeNumber('first-token-ms', values['first-token-ms'], { from: 0, otherwise: defaults.firstTokenMs }),
    };
    return { settings, jsonFile: values.json === undefined ? undefined : resolve(values.json) };
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function wholeNumber(name: string, text: string | undefined, { from, otherwise }: { from: number; otherwise: number }): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d{1,6}$/.test(text) || value < from) throw new Error(`--${name} must be a whole number from ${from}`);
  return value;
}

/** What is started is in `opened`, so that the caller stops it on every way out. */
async function measure(settings: Settings, directory: string, opened: Opened[]): Promise<Results> {
  const { tokens, firstTokenMs } = settings;
  const children = await startChildren({ directory, tokens, firstTokenMs, opened: (child) => void opened.push(child) });
  await delay(SETTLE_MS);
  const restMib = memoryMib(children.proxy.pid, 'VmRSS');

  const lanes = openLanes(children, Math.max(...LOADS));
  opened.push({ stop: () => lanes.close() });
  const shareOfOthers = watchOthers([process.pid, children.upstream.pid, children.pipe.pid, children.proxy.pid]);
  const { lanes: measured, diskSyncMs } = await measureInRounds(lanes.all, settings, { directory, progress });
  const othersShare = shareOfOthers();
  const peakMib = memoryMib(children.proxy.pid, 'VmHWM');
  const pipePeakMib = memoryMib(children.pipe.pid, 'VmHWM');

  progress('counting syncs to disk');
  const paid = lanes.all.find((lane) => lane.way === 'proxy' && lane.paid && !lane.streamed);
  const syncsPerPaidCall = paid && (await countSyncs(paid, directory));
  const disk = { diskSyncP50Ms: quantile(diskSyncMs, 0.5), diskSyncP99Ms: quantile(diskSyncMs, 0.99) };
  const sharedLedger = await measureSharedLedger(settings, { directory, progress, opened: (part) => void opened.push(part) });
  return { settings, lanes: measured, othersShare, ...disk, restMib, peakMib, pipePeakMib, syncsPerPaidCall, sharedLedger };
}

async function run({ settings, jsonFile }: Arguments): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'blockrun-bench-'));
  const opened: Opened[] = [];
  // Told to stop, we leave a measurement that is under way, and the calls that fail then are no news.
  let isStopping = false;
  const measured = measure(settings, directory, opened).catch((error: unknown) => {
    if (!isStopping) progress(`The benchmark failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
  const results = await Promise.race([measured, askedToStop]);
  isStopping = true;
  for (const part of [...opened].reverse()) await part.stop();
  await rm(directory, { recursive: true, force: true });

  if (results === 'stopped') return 130;
  if (results === undefined) return 1;
  process.stdout.write(
    `\n${report(results)}\n\nBeside other gateways: npm run bench:gateway. Beside AgentCash as the signer: npm run bench:signers\n`,
  );
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify({ ...results, aims: promises(results) }, null, 2)}\n`);
  return 0;
}

const given = readArguments();
if (given === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  // Exit at once: a child that was just starting when we were told to stop is bound to this process and ends with it.
  process.exit(await run(given));
}
