import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { get, type ClientRequest } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer } from '../sandbox/postgres-server.js';
import { Caller } from './caller.js';
import { type Server, startBenchProxy, startUpstream } from './children.js';
import { askEverything } from './dashboard-questions.js';
import { copyLedger } from './ledger-copy.js';
import { fillLedger } from './ledger-filler.js';
import { quantile, runBatch } from './load.js';
import { milliseconds, table } from './text.js';
import { requestBodies } from './wire.js';

/** Held, signed and settled: three records each, on 29 days before today, all of which a dashboard shows. */
const CALLS = 100_000;
const DAYS = 29;
const DASHBOARDS = 20;
const ROUNDS = 10;
const CALLS_PER_ROUND = 30;
const WARM_UP_CALLS = 300;

interface Place {
  readonly name: string;
  readonly directory: string;
  readonly url?: string;
}

const progress = (line: string) => void process.stderr.write(`${line}\n`);
const opened: { stop(): Promise<void> }[] = [];
const remember = (part: { stop(): Promise<void> }) => void opened.push(part);

/** What a dashboard asks of a ledger with many calls, in a file and on a server, and what open dashboards cost the calls beside them. */
async function measure(directory: string): Promise<string> {
  const upstream = await startUpstream({ directory, opened: remember, tokens: 24, firstTokenMs: 0 });
  const server = await PostgresServer.start();
  remember(server);
  const places: Place[] = [
    { name: 'in a file', directory: join(directory, 'file') },
    { name: 'on a PostgreSQL server', directory: join(directory, 'server'), url: await server.database() },
  ];
  const parts: string[] = [`Load of the machine at the start: ${loadavg()[0]?.toFixed(1)} on its cores`];
  const file = join(directory, 'file', 'ledger.sqlite');
  for (const place of places) {
    await mkdir(place.directory, { mode: 0o700 });
    await (await start(place, upstream)).stop();
    progress(`${CALLS} calls into a ledger ${place.name}`);
    if (place.url === undefined) fillLedger(file, { records: 3 * CALLS, orphans: 0, days: DAYS });
    else await copyLedger(file, place.url);
    progress('its questions');
    const rows = await askEverything(place);
    parts.push(table([[`ledger ${place.name}`, 'times', 'p50', 'most', 'under 50 ms'], ...rows]));
  }
  const tokens: string[][] = [];
  const shown: string[][] = [];
  for (const place of places) {
    const beside = await besideDashboards(place, upstream);
    tokens.push(...beside.tokens);
    shown.push(beside.shown);
  }
  parts.push(table([['first token of a paid stream', 'p50', 'p99'], ...tokens]));
  parts.push(table([[`until ${DASHBOARDS} opened at once show all`, 'the first time', 'again, p50', 'most'], ...shown]));
  return parts.join('\n\n');
}

function start({ directory, url }: Place, upstream: Server): Promise<Server> {
  const more = url === undefined ? {} : { BLOCKRUN_LEDGER_URL: url, BLOCKRUN_MACHINE: 'bench' };
  return startBenchProxy({ directory, opened: remember, upstream, more });
}

/** Without dashboards and with them, in turns. */
async function besideDashboards(place: Place, upstream: Server): Promise<{ tokens: string[][]; shown: string[] }> {
  progress(`calls beside dashboards, ledger ${place.name}`);
  const proxy = await start(place, upstream);
  const caller = new Caller(proxy.url, '/v1/chat/completions', 1);
  const nextBody = requestBodies({ paid: true, streamed: true });
  const call = async () => {
    const answered = await caller.post(nextBody());
    if (answered.status !== 200) throw new Error(`a call was answered with status ${answered.status}`);
    return answered;
  };
  const firstTokens = async () => {
    const { times } = await runBatch(call, { calls: CALLS_PER_ROUND, concurrency: 1 });
    return times.map(({ firstTokenMs }) => firstTokenMs);
  };
  await runBatch(call, { calls: WARM_UP_CALLS, concurrency: 1 });
  const times = { none: [] as number[], many: [] as number[], shown: [] as number[] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    times.none.push(...(await firstTokens()));
    const startedAt = performance.now();
    const dashboards = await Promise.all(Array.from({ length: DASHBOARDS }, () => openDashboard(proxy.url)));
    times.shown.push(performance.now() - startedAt);
    times.many.push(...(await firstTokens()));
    for (const dashboard of dashboards) dashboard.destroy();
  }
  await caller.close();
  await proxy.stop();
  const [first = NaN, ...again] = times.shown;
  const row = (name: string, of: readonly number[]) => [name, milliseconds(quantile(of, 0.5)), milliseconds(quantile(of, 0.99))];
  return {
    tokens: [row(`${place.name}, no dashboard open`, times.none), row(`${place.name}, ${DASHBOARDS} open`, times.many)],
    shown: [place.name, ...[first, quantile(again, 0.5), quantile(again, 1)].map(milliseconds)],
  };
}

/** Resolves when it has been told everything; it goes on being told what changes, until it is destroyed. */
function openDashboard(url: string): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    let text = '';
    const request = get(`${url}/dashboard/events`, { agent: false }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`a dashboard was answered with status ${answer.statusCode}`));
      const read = (part: Buffer) => {
        text += part.toString('latin1');
        if (!/event: calls\n.*\n\n/.test(text)) return;
        answer.off('data', read).resume();
        resolve(request);
      };
      answer.on('data', read).on('error', () => undefined); // it is destroyed while it is told something
    });
    request.on('error', reject);
  });
}

const directory = await mkdtemp(join(tmpdir(), 'blockrun-bench-dashboard-'));
try {
  process.stdout.write(`${await measure(directory)}\n`);
} finally {
  for (const part of opened.toReversed()) await part.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();
