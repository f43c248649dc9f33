import { type CallKind, isSameKind } from './wire.js';
import type { Way } from './lanes.js';

export interface Settings {
  readonly rounds: number;
  /** Calls of each lane in each round, one at a time. */
  readonly requests: number;
  /** How long each lane is under load in each round, at 20 and at 50 calls at once. */
  readonly loadSeconds: number;
  readonly tokens: number;
  readonly firstTokenMs: number;
}

/** Times are milliseconds. NaN stands for what this lane, or this machine, does not have. */
export interface LaneResult extends CallKind {
  readonly name: string;
  readonly way: Way;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
  readonly firstTokenP50Ms: number;
  readonly addedFirstTokenMs: number;
  readonly rateAt20: number;
  readonly rateAt50: number;
  /** Of the process between, at 20 and 50 concurrent calls. */
  readonly cpuMsPerCall: number;
}

/** Syncs to disk of the proxy for each paid call: one call at a time, and when twenty at once share them. */
export interface SyncCounts {
  readonly oneAtATime: number;
  readonly twentyAtOnce: number;
}

/** Placing and signing in a file beside a server, one call at a time. */
interface BesideEachOther {
  readonly embeddedMs: number;
  readonly sharedMs: number;
}

/** Processes that spend as fast as they can. */
export interface RowLoad {
  readonly processes: number;
  /** Purchases of all of them: placed, signed and settled. */
  readonly ratePerSecond: number;
  /** Of placing and signing. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface SharedLedgerResult {
  readonly p50: BesideEachOther;
  readonly p99: BesideEachOther;
  /** Of each process. */
  readonly callsAtOnce: number;
  /** All on one day's row. */
  readonly row: readonly RowLoad[];
  /** Each process on a row of its own. */
  readonly divided: RowLoad;
}

export interface Results {
  readonly settings: Settings;
  readonly lanes: readonly LaneResult[];
  /** The part of all cores that processes took which have nothing to do with this. Times are only worth something when it is small. */
  readonly othersShare: number;
  readonly diskSyncP50Ms: number;
  readonly diskSyncP99Ms: number;
  readonly restMib: number;
  /** The most that was ever resident; it is reached with 50 calls at once. */
  readonly peakMib: number;
  readonly pipePeakMib: number;
  /** Undefined where they cannot be counted. */
  readonly syncsPerPaidCall: SyncCounts | undefined;
  readonly sharedLedger: SharedLedgerResult;
}

export function laneOf({ lanes }: Pick<Results, 'lanes'>, way: Way, kind: CallKind): LaneResult {
  const found = lanes.find((lane) => lane.way === way && isSameKind(lane, kind));
  if (found === undefined)
    throw new Error(`there is no lane ${way}, ${kind.paid ? 'paid' : 'free'}, ${kind.streamed ? 'streamed' : 'whole'}`);
  return found;
}
