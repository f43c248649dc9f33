import type { LedgerTransaction } from '../store/sql-store.js';
import { totalOf } from './hold.js';
import { readUsage } from './usage-query.js';

const AMOUNTS = ['spent', 'held', 'signed', 'unresolved', 'calls'] as const;

/** What records add up to, under the names of the totals that are kept of them. */
export type Sums = Record<(typeof AMOUNTS)[number], bigint>;

/** What the records of a day add up to: all together, and those of each client. */
export interface DaySums {
  all: Sums;
  clients: Map<string, Sums>;
}

export async function sumsOf(db: LedgerTransaction, day: string): Promise<DaySums> {
  const sums: DaySums = { all: nothing(), clients: new Map() };
  for (const { client, state, amountMicroUsd, calls } of (await readUsage(db, { from: day, to: day })).groups) {
    const ofClient = client === null ? nothing() : (sums.clients.get(client) ?? nothing());
    if (client !== null) sums.clients.set(client, ofClient);
    for (const sum of [sums.all, ofClient]) {
      const total = totalOf(state);
      if (total) sum[total] += amountMicroUsd;
      sum.calls += BigInt(calls);
    }
  }
  return sums;
}

/** By how much they have grown. */
export function grownBy(after: Sums, before: Sums = nothing()): Sums {
  const grown = nothing();
  for (const name of AMOUNTS) grown[name] = after[name] - before[name];
  return grown;
}

function nothing(): Sums {
  return { spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n };
}
