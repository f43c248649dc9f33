import { writeFileSync } from 'node:fs';
import type { CallReport } from '../../src/ledger/ledger.js';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { SummaryFile } from '../../src/ledger/summary-file.js';
import { takeOverSummary } from '../../src/ledger/takeover.js';
import { type DayRange, type Grouping, usageReport } from '../../src/ledger/usage.js';
import { FakeClock } from './fake-clock.js';
import { authorization, PAYEE } from './offers.js';
import { type Books, openBooks } from './open-books.js';
import { TemporaryDirectory } from './temporary-directory.js';

/** How a purchase comes to each end. */
const WAYS = {
  held: [],
  signed: ['sign'],
  unresolved: ['sign', 'leave'],
  settled: ['sign', 'settle'],
  'settled late': ['sign', 'leave', 'settleLate'],
  free: ['answer'],
  released: ['release'],
  proven: ['sign', 'leave', 'releaseProven'],
  expired: ['expire'],
  overrun: ['sign', 'leave', 'releaseProven', 'overrun', 'resume'],
} as const;
type End = keyof typeof WAYS;
export const ENDS = Object.keys(WAYS) as End[];

export interface Bought {
  id: string;
  model?: string;
  payee?: string;
  client?: string;
  /** The price, of those for which something is signed; what is held before is 0.05. */
  price?: bigint;
  end: End;
}

const report = (fields: Partial<CallReport> = {}): CallReport => ({
  event: 'chat_completion',
  dryRun: false,
  streamed: false,
  durationMs: 5,
  ...fields,
});
const found = { event: 'payment_reconciled', reason: 'the chain says so' } as const;

/** Takes one purchase through the ledger to its end, as the proxy does. */
async function buy({ ledger, control }: Books, bought: Bought): Promise<void> {
  const { id, end, model = 'openai/gpt-5.4-mini', payee = PAYEE, price = 1000n, client } = bought;
  const placed = await ledger.place({
    id,
    model,
    maxMicroUsd: 50_000n,
    capMicroUsd: 1_000_000_000n,
    client: client === undefined ? undefined : { name: client },
  });
  if (placed.kind !== 'held') throw new Error('there was no room for a purchase of the test');
  const acts = {
    sign: () => ledger.sign(id, { ...authorization(price), payee }),
    settle: () => ledger.settle(id, { report: report(), receipt: { transaction: '0x12' } }),
    leave: () => ledger.leaveUnresolved(id, { report: report({ event: 'upstream_error', reason: 'no answer' }) }),
    settleLate: () => ledger.settle(id, { report: found }),
    answer: () => ledger.release(id, { answered: true, report: report() }),
    release: () => ledger.release(id, { answered: false, report: report({ event: 'upstream_error', reason: 'no answer' }) }),
    releaseProven: () => ledger.releaseProven(id, found),
    expire: () => ledger.expire(id, { event: 'hold_expired', reason: 'its process is gone' }),
    overrun: () => ledger.bookOverrun(id, { transaction: '0x34', reason: 'it was taken after all' }),
    resume: () => control.resume('looked into'),
  };
  for (const act of WAYS[end]) await acts[act]();
}

/** Purchases in real books, and what a report says of them. Whoever begins it ends it. */
export class SpendingHistory {
  private constructor(
    readonly directory: TemporaryDirectory,
    readonly clock: FakeClock,
    readonly books: Books,
  ) {}

  static async begin(): Promise<SpendingHistory> {
    const [directory, clock] = [new TemporaryDirectory(), new FakeClock()];
    return new SpendingHistory(directory, clock, await openBooks({ directory: directory.path, clock }));
  }

  async end(): Promise<void> {
    await this.books.close();
    this.directory.remove();
  }

  async on(instant: string, ...purchases: Bought[]): Promise<void> {
    this.clock.turnTo(instant);
    for (const purchase of purchases) await buy(this.books, purchase);
  }

  async takeOver(days: Record<string, { spentUsd: number; calls: number }>): Promise<void> {
    writeFileSync(this.directory.file('ledger.json'), JSON.stringify(days));
    const { store, audit } = this.books;
    await takeOverSummary({ store, audit, clock: this.clock, file: new SummaryFile(this.directory.file('ledger.json')) });
  }

  records(range: DayRange) {
    return new LedgerReader(this.books.store).usage(range);
  }

  async report(by: Grouping, range: DayRange) {
    return usageReport(range, by, await this.records(range));
  }

  /** The rows that have anything in them. */
  async rows(by: Grouping, range: DayRange) {
    const { rows } = await this.report(by, range);
    return rows.filter(({ usage }) => usage.holds > 0).map(({ label, usage }) => [label, usage]);
  }

  /** What the totals of the days add up to. */
  async daySums({ from, to }: DayRange) {
    const days = (await this.books.ledger.allTotals()).filter(({ day }) => from <= day && day <= to);
    return {
      spentMicroUsd: days.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0n),
      unresolvedMicroUsd: days.reduce((sum, { unresolvedMicroUsd }) => sum + unresolvedMicroUsd, 0n),
      inFlightMicroUsd: days.reduce((sum, { heldMicroUsd, signedMicroUsd }) => sum + heldMicroUsd + signedMicroUsd, 0n),
      calls: days.reduce((sum, { calls }) => sum + calls, 0),
    };
  }
}
