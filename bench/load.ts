import type { CallTimes } from './caller.js';

export interface Batch {
  readonly times: readonly CallTimes[];
  readonly seconds: number;
}

/** How long a batch goes on: so many calls, or so many seconds. */
export type Extent = { readonly calls: number } | { readonly seconds: number };

/** Keeps that many calls under way until the batch is over, and waits for the last. The first call that fails fails the batch. */
export async function runBatch(
  call: () => Promise<CallTimes>,
  { concurrency, ...extent }: Extent & { concurrency: number },
): Promise<Batch> {
  const times: CallTimes[] = [];
  let started = 0;
  const startedAt = performance.now();
  const secondsSinceStart = () => (performance.now() - startedAt) / 1000;
  const isOver = 'calls' in extent ? () => started >= extent.calls : () => secondsSinceStart() >= extent.seconds;
  const worker = async () => {
    while (!isOver()) {
      started += 1;
      times.push(await call());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { times, seconds: secondsSinceStart() };
}

/** The value that the given part of all values does not exceed (nearest rank); NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}
