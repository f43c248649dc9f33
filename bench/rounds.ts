import { timeSyncs } from './disk.js';
import { floorOf, kindName, type Lane } from './lanes.js';
import { quantile, runBatch } from './load.js';
import { cpuMs } from './process-figures.js';
import type { LaneResult, Settings } from './results.js';

export const LOADS = [20, 50] as const;

/** Before the compiler has seen a few thousand calls, a Node process takes a multiple of its later time for each. */
const WARM_UP_FACTOR = 8;
const DISK_SYNCS = 200;

/** Everything that was measured of one lane, over all rounds. */
class Record {
  readonly totalMs: number[] = [];
  readonly firstTokenMs: number[] = [];
  readonly rates = new Map<number, number[]>(LOADS.map((load) => [load, []]));
  cpuMs = 0;
  loadedCalls = 0;
}

export interface Measured {
  readonly lanes: readonly LaneResult[];
  readonly diskSyncMs: readonly number[];
}

/**
 * Measures all lanes in turns: every round has a batch of each, one call at a time and then under load, so that what else happens on the
 * machine hits all of them alike. A first turn, which warms up every process, is not counted.
 */
export async function measureInRounds(
  lanes: readonly Lane[],
  settings: Settings,
  { directory, progress }: { directory: string; progress: (line: string) => void },
): Promise<Measured> {
  const { rounds, requests, loadSeconds } = settings;
  const records = new Map(lanes.map((lane) => [lane, new Record()]));
  const diskSyncMs: number[] = [];

  progress('warm-up');
  for (const { call } of lanes) await runBatch(call, { seconds: loadSeconds * WARM_UP_FACTOR, concurrency: LOADS[0] });
  for (let round = 1; round <= rounds; round += 1) {
    progress(`round ${round}/${rounds}: the disk, and one call at a time`);
    diskSyncMs.push(...timeSyncs(directory, Math.ceil(DISK_SYNCS / rounds)));
    for (const [lane, record] of records) await measureTimes(lane, record, requests);
    for (const load of LOADS) {
      progress(`round ${round}/${rounds}: ${load} calls at once`);
      for (const [lane, record] of records) await measureLoad(lane, record, { seconds: loadSeconds, concurrency: load });
    }
  }
  return { lanes: lanes.map((lane) => resultOf(lane, records)), diskSyncMs };
}

async function measureTimes({ call }: Lane, record: Record, calls: number): Promise<void> {
  const { times } = await runBatch(call, { calls, concurrency: 1 });
  for (const { totalMs, firstTokenMs } of times) {
    record.totalMs.push(totalMs);
    record.firstTokenMs.push(firstTokenMs);
  }
}

async function measureLoad({ call, pid }: Lane, record: Record, load: { seconds: number; concurrency: number }): Promise<void> {
  const cpuBefore = pid === undefined ? NaN : cpuMs(pid);
  const { times, seconds } = await runBatch(call, load);
  record.cpuMs += pid === undefined ? NaN : cpuMs(pid) - cpuBefore;
  record.loadedCalls += times.length;
  record.rates.get(load.concurrency)?.push(times.length / seconds);
}

function resultOf(lane: Lane, records: ReadonlyMap<Lane, Record>): LaneResult {
  const record = records.get(lane) ?? new Record();
  const floorLane = floorOf(lane, [...records.keys()]);
  const floor = (floorLane && records.get(floorLane)) ?? new Record();
  const added = (times: 'totalMs' | 'firstTokenMs', part: number) => quantile(record[times], part) - quantile(floor[times], part);
  // The median round: one that something else disturbed does not count.
  const rateAt = (load: (typeof LOADS)[number]) => quantile(record.rates.get(load) ?? [], 0.5);
  return {
    name: `${lane.name}, ${kindName(lane)}`,
    way: lane.way,
    paid: lane.paid,
    streamed: lane.streamed,
    p50Ms: quantile(record.totalMs, 0.5),
    p99Ms: quantile(record.totalMs, 0.99),
    addedP50Ms: added('totalMs', 0.5),
    addedP99Ms: added('totalMs', 0.99),
    firstTokenP50Ms: quantile(record.firstTokenMs, 0.5),
    addedFirstTokenMs: added('firstTokenMs', 0.5),
    rateAt20: rateAt(20),
    rateAt50: rateAt(50),
    cpuMsPerCall: record.cpuMs / record.loadedCalls,
  };
}
