import { laneOf, type Results } from './results.js';
import { milliseconds, number } from './text.js';

export interface Verdict {
  readonly aim: string;
  readonly measured: string;
  /** Undefined where a figure is missing. */
  readonly isMet: boolean | undefined;
}

const FIRST_TOKEN_MS = 2;
const PAID_CALL_MS = 5;
const PEAK_MIB = 200;
const SHARED_LEDGER_RATIO = 3;

/** What this proxy promises, in its own figures. */
export function promises(results: Results): readonly Verdict[] {
  const stream = { paid: false, streamed: true };
  const overPipeMs = laneOf(results, 'proxy', stream).firstTokenP50Ms - laneOf(results, 'pipe', stream).firstTokenP50Ms;
  const paidMs = laneOf(results, 'proxy', { paid: true, streamed: false }).addedP50Ms;
  const allowedMs = results.diskSyncP50Ms + PAID_CALL_MS;
  const { embeddedMs, sharedMs } = results.sharedLedger.p50;
  return [
    {
      aim: `a free stream adds at most ${FIRST_TOKEN_MS} ms to the first token over the pipe`,
      measured: milliseconds(overPipeMs),
      isMet: atMost(overPipeMs, FIRST_TOKEN_MS),
    },
    {
      aim: `a paid call adds at most one sync + ${PAID_CALL_MS} ms at p50 to its two round trips`,
      measured: `${milliseconds(paidMs)} of ${milliseconds(allowedMs)}`,
      isMet: atMost(paidMs, allowedMs),
    },
    {
      aim: `less than ${PEAK_MIB} MiB at 50 concurrent calls`,
      measured: `${number(results.peakMib, 0)} MiB`,
      isMet: Number.isNaN(results.peakMib) ? undefined : results.peakMib < PEAK_MIB,
    },
    {
      aim: `placing and signing on a PostgreSQL server takes at most ${SHARED_LEDGER_RATIO} times as long as in a file, at p50`,
      measured: `${number(sharedMs / embeddedMs, 2)}x (${milliseconds(sharedMs)})`,
      isMet: atMost(sharedMs / embeddedMs, SHARED_LEDGER_RATIO),
    },
  ];
}

function atMost(value: number, limit: number): boolean | undefined {
  return Number.isNaN(value) ? undefined : value <= limit;
}
