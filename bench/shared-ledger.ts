import { join } from 'node:path';
import { PostgresServer } from '../sandbox/postgres-server.js';
import { type Server, startSpender } from './children.js';
import { quantile } from './load.js';
import type { RowLoad, Settings, SharedLedgerResult } from './results.js';

/** So many processes spend from one row. */
const CROWDS = [1, 2, 4, 8, 16] as const;
/** Of which this many also spend from a ledger each: what dividing the allowance would give at most. */
const DIVIDED = 4;
const CALLS_AT_ONCE = 4;
const WARM_UP_CALLS = 300;
const WARM_UP_SECONDS = 0.5;

interface At {
  readonly directory: string;
  readonly progress: (line: string) => void;
  readonly opened: (part: { stop(): Promise<void> }) => void;
}

/** The ledger alone, without a proxy around it: in a file and on a server in turns, then one row of the server under a growing crowd. */
export async function measureSharedLedger(settings: Settings, { directory, progress, opened }: At): Promise<SharedLedgerResult> {
  process.setMaxListeners(4 * Math.max(...CROWDS)); // each child is bound to this process
  const server = await PostgresServer.start();
  opened(server);
  let machines = 0;
  const start = (ledger: string) => startSpender({ directory, opened, ledger, machine: `machine-${(machines += 1)}` });
  const newDatabase = () => server.database();

  progress('the ledger in a file and on a server');
  const embedded = await start(join(directory, 'alone.sqlite'));
  const shared = await start(await newDatabase());
  const times = { embedded: [] as number[], shared: [] as number[] };
  for (const one of [embedded, shared]) await ask(one, `/calls/${WARM_UP_CALLS}`);
  for (let round = 1; round <= settings.rounds; round += 1) {
    times.embedded.push(...(await ask(embedded, `/calls/${settings.requests}`)));
    times.shared.push(...(await ask(shared, `/calls/${settings.requests}`)));
  }
  for (const one of [embedded, shared]) await one.stop();

  const seconds = settings.loadSeconds * 3;
  const crowd = async (databases: readonly string[]): Promise<RowLoad> => {
    const spenders = await Promise.all(databases.map(start));
    await Promise.all(spenders.map((one) => ask(one, `/seconds/${WARM_UP_SECONDS}/${CALLS_AT_ONCE}`)));
    const all = (await Promise.all(spenders.map((one) => ask(one, `/seconds/${seconds}/${CALLS_AT_ONCE}`)))).flat();
    for (const one of spenders) await one.stop();
    return { processes: databases.length, ratePerSecond: all.length / seconds, p50Ms: quantile(all, 0.5), p99Ms: quantile(all, 0.99) };
  };
  const row: RowLoad[] = [];
  for (const processes of CROWDS) {
    progress(`one row, ${processes} processes`);
    row.push(await crowd(Array.from({ length: processes }, () => '').fill(await newDatabase())));
  }
  progress('a row each');
  const databases: string[] = [];
  for (let count = 0; count < DIVIDED; count += 1) databases.push(await newDatabase());
  const divided = await crowd(databases);
  const p = (part: number) => ({ embeddedMs: quantile(times.embedded, part), sharedMs: quantile(times.shared, part) });
  return { p50: p(0.5), p99: p(0.99), callsAtOnce: CALLS_AT_ONCE, row, divided };
}

async function ask({ url }: Server, path: string): Promise<number[]> {
  const answer = await fetch(url + path);
  if (!answer.ok) throw new Error(`a ledger failed: ${await answer.text()}`);
  return (await answer.json()) as number[];
}
