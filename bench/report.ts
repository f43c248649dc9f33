import { cpus } from 'node:os';
import { promises, type Verdict } from './aims.js';
import type { LaneResult, Results, RowLoad, SharedLedgerResult } from './results.js';
import { milliseconds, number, table } from './text.js';

export function report(results: Results): string {
  return [
    heading(results),
    section('Whole calls (added: over the same kind of call direct to the upstream)', callTable(results.lanes)),
    section('Time to the first token of a stream, one call at a time', firstTokenTable(results.lanes)),
    section('Memory and disk of the proxy', resources(results)),
    section('The ledger on PostgreSQL (loopback, the same cores), beside the one in a file', sharedLedger(results.sharedLedger)),
    section('Aims', verdictTable(promises(results))),
  ].join('\n\n');
}

function heading({ settings, othersShare, diskSyncP50Ms, diskSyncP99Ms }: Results): string {
  const { rounds, requests, loadSeconds, tokens, firstTokenMs } = settings;
  return [
    `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    `Load generator, upstream and proxy share these ${cpus().length} cores: compare the rows, do not take them for capacities.`,
    `Other processes of the machine took ${number(othersShare * 100, 0)}% of them meanwhile; the times are only worth something when that is little.`,
    `${rounds} rounds, each lane in turn: ${requests} calls one at a time, then ${loadSeconds} s with 20 and with 50 at once; ` +
      `answers of ${tokens} tokens, the first after ${firstTokenMs} ms`,
    `Disk: 4 KiB + fdatasync takes ${milliseconds(diskSyncP50Ms)} at p50, ${milliseconds(diskSyncP99Ms)} at p99; ` +
      'a paid call waits for one before its signature leaves.',
  ].join('\n');
}

function section(title: string, body: string): string {
  return `${title}\n${'-'.repeat(title.length)}\n${body}`;
}

export function callTable(lanes: readonly LaneResult[]): string {
  const head = ['', 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'calls/s at 20', 'at 50', 'CPU ms/call'];
  return table([head, ...lanes.map(callRow)]);
}

function callRow(lane: LaneResult): string[] {
  const isFloor = lane.way === 'direct';
  const times = [lane.p50Ms, lane.p99Ms, isFloor ? NaN : lane.addedP50Ms, isFloor ? NaN : lane.addedP99Ms];
  const rates = [lane.rateAt20, lane.rateAt50];
  return [lane.name, ...times.map((ms) => number(ms, 2)), ...rates.map((rate) => number(rate, 0)), number(lane.cpuMsPerCall, 3)];
}

function firstTokenTable(lanes: readonly LaneResult[]): string {
  const streams = lanes.filter(({ streamed }) => streamed);
  const pipeMs = streams.find(({ way }) => way === 'pipe')?.firstTokenP50Ms ?? NaN;
  const rows = streams.map(({ name, way, paid, firstTokenP50Ms, addedFirstTokenMs }) => [
    name,
    number(firstTokenP50Ms, 2),
    number(way === 'direct' ? NaN : addedFirstTokenMs, 2),
    number(way === 'proxy' && !paid ? firstTokenP50Ms - pipeMs : NaN, 2),
  ]);
  return table([['', 'p50 ms', 'added', 'added over the pipe'], ...rows]);
}

function resources({ restMib, peakMib, pipePeakMib, syncsPerPaidCall: syncs }: Results): string {
  const counted = syncs
    ? `${number(syncs.oneAtATime, 2)} one call at a time, ${number(syncs.twentyAtOnce, 2)} with 20 at once`
    : 'not counted (needs strace, and the right to use it)';
  const rows = [
    ['resident at rest', `${number(restMib, 0)} MiB`],
    ['most resident, up to 50 calls at once', `${number(peakMib, 0)} MiB (the pipe: ${number(pipePeakMib, 0)} MiB)`],
    ['syncs to disk for each paid call', counted],
  ];
  return table(rows, 'words');
}

export function sharedLedger({ p50, p99, callsAtOnce, row, divided }: SharedLedgerResult): string {
  const beside = [
    ['place and sign', 'p50 ms', 'p99 ms'],
    ['in a file', number(p50.embeddedMs, 2), number(p99.embeddedMs, 2)],
    ['on the server', number(p50.sharedMs, 2), number(p99.sharedMs, 2)],
    ['ratio', number(p50.sharedMs / p50.embeddedMs, 2), number(p99.sharedMs / p99.embeddedMs, 2)],
  ];
  const loadRow = (name: string, load: RowLoad) => [
    name,
    number(load.ratePerSecond, 0),
    number(load.ratePerSecond / (row[0]?.ratePerSecond ?? NaN), 2),
    number(load.p50Ms, 2),
    number(load.p99Ms, 2),
  ];
  const loads = [
    [`${callsAtOnce} calls at once in each`, 'purchases/s', 'of one process', 'p50 ms', 'p99 ms'],
    ...row.map((load) => loadRow(`${load.processes} process${load.processes === 1 ? '' : 'es'}, one row`, load)),
    loadRow(`${divided.processes} processes, a row each`, divided),
  ];
  return `${table(beside)}\n\n${table(loads)}`;
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const said = (isMet: boolean | undefined) => (isMet === undefined ? 'not known' : isMet ? 'met' : 'NOT MET');
  const rows = verdicts.map(({ aim, measured, isMet }) => [said(isMet), measured, aim]);
  return table(rows, 'words');
}
