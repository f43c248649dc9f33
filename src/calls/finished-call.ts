import type { ErrorCode } from '../errors/coded-error.js';
import type { MicroUsd } from '../money/micro-usd.js';

/**
 * How a request ended. `settled`: paid and booked. `free`: answered for nothing. `unresolved`: paid, and nobody knows whether it was taken.
 * `released`: its hold went back, nothing was paid. `unbooked`: over, but its booking could not be written yet. `refused`: it never had a
 * hold. `replayed`: it got the answer of another request.
 */
export const CALL_STATES = ['settled', 'free', 'unresolved', 'released', 'unbooked', 'refused', 'replayed'] as const;
export type CallState = (typeof CALL_STATES)[number];

/** How long the steps of a request took, in milliseconds; a step that it did not come to is left out. */
export interface StepTimes {
  /** The seller's answer to the unpaid request. */
  quoteMs?: number;
  signingMs?: number;
  /** Until the record of the signature was on disk. */
  recordMs?: number;
  /** From the arrival of the request to the first text of a stream. */
  firstTokenMs?: number;
}

/**
 * What may be told of a request that is over. It holds no prompt, no answer, no key and no signature, and no words of anybody else, which
 * could quote them: what went wrong is a code.
 */
export interface FinishedCall {
  id: string;
  endedAt: Date;
  /** A model of the allowlist; undefined where the request did not get so far. */
  model: string | undefined;
  /** The client's name; undefined where nobody knows whose it is. */
  client: string | undefined;
  streamed: boolean;
  state: CallState;
  code: ErrorCode | undefined;
  /** What counts of it against the cap. */
  priceMicroUsd: MicroUsd;
  /** Of the seller's receipt. */
  transaction: string | undefined;
  /** From its arrival to its booking, or to its refusal. */
  totalMs: number;
  times: StepTimes;
}

/** Does a step of a request, and notes how long it took, however it ends. */
export async function timed<T>(times: StepTimes, step: keyof StepTimes, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    times[step] = performance.now() - startedAt;
  }
}
