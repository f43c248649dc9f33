import { expect } from '@jest/globals';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { settlementWindow } from '../../src/reconciliation/day-comparison.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { place } from './history-purchase.js';
import type { HistoryRun } from './history-run.js';
import { PROCESSES } from './history-steps.js';
import { chainsOf } from '../support/fake-chain.js';

/**
 * Every payment runs out, and each process takes the other for dead and ends what it left: then nothing is open any more, and what is
 * booked is what was taken, or, where nobody could ask a chain, no less.
 */
export async function expectAllToBeEnded(run: HistoryRun): Promise<void> {
  const { world, model } = run;
  world.setClockRight();
  for (const by of PROCESSES) if (!run.running(by)) await run.take({ act: 'restart', by });
  for (const [turn, by] of [...PROCESSES, ...PROCESSES].entries()) {
    // A second time for each only where a wrong clock has said of the other that it was seen just now.
    if (turn >= PROCESSES.length && model.open.length === 0) break;
    await run.take({ act: 'pass', seconds: world.secondsUntilAllRanOut(), beating: false });
    await run.take({ act: 'sweep', by, meanwhile: undefined });
  }
  expect(model.open).toEqual([]);
  for (const { day, spent } of run.books.totals) {
    const taken = takenFor(run, day);
    if (world.rules.hasChain) expect({ day, spent }).toEqual({ day, spent: taken });
    else if (!world.rules.mayLie && spent < taken) throw new Error(`${spent} are booked on ${day}, but ${taken} were taken`);
  }
  const { store, auditPath } = run.running('A')!;
  expect(await new AuditVerifier(store, auditPath).verify()).toMatchObject({ ok: true });
  if (world.rules.hasChain) await expectComparisonsToBeClean(run);
}

/** What the seller took for the holds of a day, whenever it did. */
function takenFor({ world, model }: HistoryRun, day: string): bigint {
  const taken = [...world.payments.values()].filter(({ holdId, takenAt }) => takenAt && model.holds.get(holdId)!.day === day);
  return taken.reduce((sum, { authorization }) => sum + authorization.amountMicroUsd, 0n);
}

/** The product finds nothing either. */
async function expectComparisonsToBeClean(run: HistoryRun): Promise<void> {
  if (!canSeeAll(run)) return;
  for (const day of run.model.days.keys()) {
    const comparison = await run.running('A')!.reconciliation.compare(day);
    const taken = takenFor(run, day);
    expect(comparison).toMatchObject({
      bookedMicroUsd: taken,
      takenMicroUsd: taken,
      notTaken: [],
      overruns: [],
      otherAmounts: [],
      foreign: [],
    });
  }
}

/** Once there is a chain to ask, what was taken for released holds is booked, and stops spending. */
export async function expectLiesToBeFound(run: HistoryRun): Promise<void> {
  const { world, model, books } = run;
  if (!canSeeAll(run)) return;
  const { ledger, store, instance } = run.running('A')!;
  const reconciliation = new ReconciliationService(ledger, new LedgerReader(store), chainsOf(world.chain()), world.machine);
  for (const day of books.totals.map((totals) => totals.day)) {
    for (const [id, hold] of [...model.holds]) {
      if (hold.day === day && hold.state === 'released' && world.payments.get(id)?.takenAt) model.overrun(id);
    }
    await reconciliation.compare(day);
    await books.expectToBe(model);
    expect(books.totals.find((totals) => totals.day === day)!.spent >= takenFor(run, day)).toBe(true);
  }
  await place(run, { id: 'afterwards', ledger, owner: instance.id }, { max: 1n });
}

/** It looks for the payments of a day around that day only; holds of these histories may be signed days later. */
function canSeeAll({ world, model }: HistoryRun): boolean {
  return [...world.payments.values()].every(({ holdId, takenAt }) => {
    const { from, to } = settlementWindow(model.holds.get(holdId)!.day);
    return !takenAt || (takenAt >= from && takenAt < to);
  });
}
