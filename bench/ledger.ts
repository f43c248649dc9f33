import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Caller } from './caller.js';
import { runCommand, startBenchProxy, startUpstream, type Server } from './children.js';
import { fillLedger } from './ledger-filler.js';
import { quantile, runBatch } from './load.js';
import { milliseconds, number, table } from './text.js';
import { requestBodies } from './wire.js';

/** Records of the large ledger, a year of 1,000 paid calls a day, and holds in it that a dead process left: as many as run at once. */
const LARGE = { records: 1_100_000, orphans: 50, days: 365 };
const REPORTS = 10;
const STARTS = 5;
const ROUNDS = 10;
const CALLS_PER_ROUND = 100;
const WARM_UP_CALLS = 1500;

interface Books {
  readonly name: string;
  readonly directory: string;
  readonly startMs: number[];
  readonly freeMs: number[];
  readonly paidMs: number[];
}

const progress = (line: string) => void process.stderr.write(`${line}\n`);
const opened: { stop(): Promise<void> }[] = [];
const remember = (part: { stop(): Promise<void> }) => void opened.push(part);

/** How long a proxy takes to start, and to answer, on a ledger without records and on one with a year of them. Both in turns. */
async function measure(directory: string): Promise<string> {
  const upstream = await startUpstream({ directory, opened: remember, tokens: 24, firstTokenMs: 0 });
  const books = ['no records', '1.1 million records'].map((name, index): Books => {
    return { name, directory: join(directory, `books-${index}`), startMs: [], freeMs: [], paidMs: [] };
  });
  for (const one of books) {
    await mkdir(one.directory, { mode: 0o700 });
    await (await start(one, upstream)).stop();
    one.startMs.length = 0;
  }
  const [, large] = books;
  const largeFile = join(large?.directory ?? '', 'ledger.sqlite');
  progress('filling the large ledger');
  fillLedger(largeFile, LARGE);
  progress('a start that recovers');
  if (large) await (await start(large, upstream)).stop();
  const recoveryMs = large?.startMs.pop() ?? NaN;
  for (let round = 1; round <= STARTS; round += 1) {
    progress(`start ${round}/${STARTS}`);
    for (const one of books) await (await start(one, upstream)).stop();
  }
  await measureCalls(books, upstream);
  const reportMs = large ? await measureReport(large) : [];
  return reportOf(books, { recoveryMs, reportMs, bytes: (await stat(largeFile)).size });
}

async function start({ directory, startMs }: Books, upstream: Server): Promise<Server> {
  const startedAt = performance.now();
  const proxy = await startBenchProxy({ directory, opened: remember, upstream });
  startMs.push(performance.now() - startedAt);
  return proxy;
}

async function measureCalls(books: readonly Books[], upstream: Server): Promise<void> {
  const lanes = [];
  for (const one of books) {
    const { url } = await start(one, upstream);
    one.startMs.pop();
    const caller = new Caller(url, '/v1/chat/completions', 1);
    remember({ stop: () => caller.close() });
    for (const paid of [false, true]) {
      const nextBody = requestBodies({ paid, streamed: false });
      const call = async () => {
        const answered = await caller.post(nextBody());
        if (answered.status !== 200) throw new Error(`a call was answered with status ${answered.status}`);
        return answered;
      };
      lanes.push({ call, times: paid ? one.paidMs : one.freeMs });
    }
  }
  progress('warm-up');
  for (const { call } of lanes) await runBatch(call, { calls: WARM_UP_CALLS, concurrency: 1 });
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round}/${ROUNDS}`);
    for (const { call, times } of lanes) {
      const { times: measured } = await runBatch(call, { calls: CALLS_PER_ROUND, concurrency: 1 });
      times.push(...measured.map(({ totalMs }) => totalMs));
    }
  }
}

/** The whole command, from the start of its process to its end, while a proxy runs on the same ledger. */
async function measureReport({ directory }: Books): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 1; turn <= REPORTS; turn += 1) {
    progress(`report ${turn}/${REPORTS}`);
    const startedAt = performance.now();
    await runCommand(directory, ['report', '--days', '366']);
    times.push(performance.now() - startedAt);
  }
  return times;
}

function reportOf(books: readonly Books[], large: { recoveryMs: number; reportMs: readonly number[]; bytes: number }): string {
  const p50 = (times: readonly number[]) => quantile(times, 0.5);
  const rows = books.map(({ name, startMs, freeMs, paidMs }) => [
    name,
    ...[startMs, freeMs, paidMs].map((times) => milliseconds(p50(times))),
  ]);
  const [none, million] = books;
  const ratio = (of: (one: Books) => readonly number[]) => (none && million ? `${number(p50(of(million)) / p50(of(none)), 2)}x` : '-');
  const ratios = ['ratio', ratio(({ startMs }) => startMs), ratio(({ freeMs }) => freeMs), ratio(({ paidMs }) => paidMs)];
  return [
    table([['p50', 'start until it listens', 'free call', 'paid call'], ...rows, ratios]),
    `a start that also recovers ${LARGE.orphans} holds of a dead process, with 1.1 million records: ${milliseconds(large.recoveryMs)}`,
    `report --days 366 over these: ${milliseconds(p50(large.reportMs))} at p50, ${milliseconds(quantile(large.reportMs, 1))} at most, of ${REPORTS}`,
    `the large ledger: ${number(large.bytes / 1e6, 0)} MB, ${number(large.bytes / LARGE.records, 0)} bytes a record`,
  ].join('\n');
}

const directory = await mkdtemp(join(tmpdir(), 'blockrun-bench-ledger-'));
try {
  process.stdout.write(`${await measure(directory)}\n`);
} finally {
  for (const part of opened.toReversed()) await part.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();
