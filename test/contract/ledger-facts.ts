import type { CallReport, Ledger } from '../../src/ledger/ledger.js';
import { authorization } from '../support/offers.js';
import type { FakeClock } from '../support/fake-clock.js';

/** A ledger under test, its clock, and the audit that it writes. */
export interface OpenLedger {
  ledger: Ledger;
  clock: FakeClock;
  close(): Promise<void>;
  auditLines(): Promise<Record<string, unknown>[]>;
}

export const DAY = '2026-06-06';
export const CAP = 1_000_000n;
export const TRANSACTION = `0x${'12'.repeat(32)}`;
export const RECEIPT = { transaction: TRANSACTION };

export const report = (fields: Partial<CallReport> = {}): CallReport => ({
  event: 'chat_completion',
  dryRun: false,
  streamed: false,
  durationMs: 5,
  ...fields,
});
export const claim = (id: string, maxMicroUsd = 50_000n, capMicroUsd = CAP) => ({
  id,
  model: 'openai/gpt-5.4-mini',
  maxMicroUsd,
  capMicroUsd,
});
export const zeros = {
  day: DAY,
  spentMicroUsd: 0n,
  heldMicroUsd: 0n,
  signedMicroUsd: 0n,
  unresolvedMicroUsd: 0n,
  raisedMicroUsd: 0n,
  calls: 0,
};

type Act = (ledger: Ledger, id: string) => Promise<unknown>;

export const acts: Record<string, Act> = {
  sign: (ledger, id) => ledger.sign(id, authorization(1000n)),
  settle: (ledger, id) => ledger.settle(id, { report: report(), receipt: RECEIPT }),
  leaveUnresolved: (ledger, id) => ledger.leaveUnresolved(id, { report: report({ event: 'upstream_error' }) }),
  release: (ledger, id) => ledger.release(id, { report: report({ event: 'upstream_error' }), answered: false }),
  releaseProven: (ledger, id) => ledger.releaseProven(id, { event: 'payment_reconciled', reason: 'a proof' }),
  expire: (ledger, id) => ledger.expire(id, { event: 'hold_expired', reason: 'its process is gone' }),
};

/** How a hold comes into each state. */
export const ways: Record<string, string[]> = {
  held: [],
  signed: ['sign'],
  unresolved: ['sign', 'leaveUnresolved'],
  settled: ['sign', 'settle'],
  released: ['release'],
  'released by proof': ['sign', 'leaveUnresolved', 'releaseProven'],
  expired: ['expire'],
};

/** Places a hold and brings it into the state. @throws when there is no room */
export async function bring(ledger: Ledger, id: string, state: string): Promise<void> {
  const placed = await ledger.place(claim(id));
  if (placed.kind !== 'held') throw new Error('there was no room for the hold that the test begins with');
  for (const act of ways[state] ?? []) await acts[act]!(ledger, id);
}

/** Everything that a refused move must leave as it was. */
export async function recordOf(books: OpenLedger): Promise<unknown[]> {
  return [await books.ledger.allTotals(), await books.auditLines()];
}
