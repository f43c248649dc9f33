import { join } from 'node:path';
import { quantile } from './load.js';
import { milliseconds } from './text.js';

/** The product as it is built beside this file. */
const load = <Module>(path: string) => import(new URL(path, import.meta.url).href) as Promise<Module>;

/** As the dashboard asks: so many records in one question. */
const RECORDS = 5_000n;
const REPEATS = 40;

/** How often, and how long, each question that a dashboard asks of the ledger takes, in a process that does nothing else. */
export async function askEverything(place: { directory: string; url?: string }): Promise<string[][]> {
  const { books, close } = await open(place);
  const { activity, ledger, control, pins, day } = books;
  const newest = await activity.newest();
  const runs = Array.from({ length: Number(newest / RECORDS) }, (_none, at) => ({
    after: newest - BigInt(at + 1) * RECORDS,
    upTo: newest - BigInt(at) * RECORDS,
  }));
  const often = <T>(ask: () => Promise<T>) => Array.from({ length: REPEATS }, () => ask);
  const questions: [name: string, asks: (() => Promise<unknown>)[]][] = [
    ['the newest record', often(() => activity.newest())],
    [`${RECORDS} records added up`, runs.map((run) => () => activity.sums(run))],
    ['when such a run began', runs.map((run) => () => activity.timeOf(run))],
    ['the last 300 moves', often(() => activity.moves({ after: newest - 1_000n, upTo: newest }, 300))],
    ["today's totals", often(() => ledger.totals(day))],
    ["today's totals of clients", often(() => ledger.clientTotals(day))],
    ['what has stopped spending', often(() => control.state())],
    ['whom the seller is paid at', often(() => pins.trusted('eip155:8453'))],
  ];
  const rows: string[][] = [];
  for (const [name, asks] of questions) rows.push([name, ...timesOf(await timed(asks))]);
  await close();
  return rows;
}

async function timed(asks: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[] = [];
  for (const ask of asks) {
    const startedAt = performance.now();
    await ask();
    times.push(performance.now() - startedAt);
  }
  return times;
}

function timesOf(times: readonly number[]): string[] {
  const most = quantile(times, 1);
  return [String(times.length), milliseconds(quantile(times, 0.5)), milliseconds(most), most < 50 ? 'met' : 'NOT MET'];
}

async function open({ directory, url }: { directory: string; url?: string }) {
  const { AuditFile } = await load<typeof import('../src/audit/audit-file.js')>('../audit/audit-file.js');
  const { AuditLog } = await load<typeof import('../src/audit/audit-log.js')>('../audit/audit-log.js');
  const { Secret } = await load<typeof import('../src/configuration/secret.js')>('../configuration/secret.js');
  const { Instance } = await load<typeof import('../src/ledger/instance.js')>('../ledger/instance.js');
  const { LedgerActivity } = await load<typeof import('../src/ledger/ledger-activity.js')>('../ledger/ledger-activity.js');
  const { SpendingControl } = await load<typeof import('../src/ledger/spending-control.js')>('../ledger/spending-control.js');
  const { SqlLedger } = await load<typeof import('../src/ledger/sql-ledger.js')>('../ledger/sql-ledger.js');
  const { PayeePins } = await load<typeof import('../src/payment/payee-pins.js')>('../payment/payee-pins.js');
  const { Configuration } = await load<typeof import('../src/configuration/configuration.js')>('../configuration/configuration.js');
  const { SqlStore } = await load<typeof import('../src/store/sql-store.js')>('../store/sql-store.js');
  const clock = { now: () => new Date() };
  const sharedLedger = url === undefined ? undefined : { url: new Secret(url), machine: 'bench' };
  const store = await SqlStore.open({ ledgerFile: join(directory, 'ledger.sqlite'), sharedLedger, createsLedger: false });
  const audit = await AuditLog.open({ store, file: new AuditFile(join(directory, 'audit.jsonl')), clock, maxBytes: Infinity });
  return {
    books: {
      activity: new LedgerActivity(store),
      ledger: new SqlLedger(store, audit, clock, new Instance(store, clock)),
      control: new SpendingControl(store, audit, clock),
      pins: new PayeePins(new Configuration({}), store, audit, clock),
      day: clock.now().toISOString().slice(0, 10),
    },
    close: async () => {
      audit.onApplicationShutdown();
      await store.onApplicationShutdown();
    },
  };
}
