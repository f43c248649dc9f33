import { Clock, utcDay } from '../clock/clock.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import type { SignedPayment } from '../ledger/ledger-reader.js';
import { LedgerSummary } from '../ledger/ledger-summary.js';
import { displayUsd, formatUsd } from '../money/micro-usd.js';
import type { DayComparison, Match } from '../reconciliation/day-comparison.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { ReconciliationService, type Resolved } from '../reconciliation/reconciliation.service.js';
import { ClockModule } from '../clock/clock.module.js';
import { ONLY_MACHINE } from '../store/schema.js';
import { DIFFERENCES } from './exit-codes.js';
import { onBooks, print, printJson } from './on-books.js';

/** Resolves what can be proven, then shows the day beside the chain. */
export function reconcile(options: { day?: string; json?: true }): Promise<void> {
  return onBooks([ClockModule, LedgerModule, ReconciliationModule], async (books) => {
    const reconciliation = books.get(ReconciliationService);
    const resolved = await reconciliation.resolve();
    const comparison = await reconciliation.compare(options.day ?? utcDay(books.get<Clock>(Clock).now()));
    books.get(LedgerSummary).changed();
    if (options.json) printJson({ resolved: resolved.map(resolvedFacts), comparison: comparison && comparisonFacts(comparison) });
    else print([...resolved.map(resolvedLine), ...comparisonLines(comparison)].join('\n'));
    if (comparison && differencesOf(comparison) > 0) process.exitCode = DIFFERENCES;
  });
}

function differencesOf({ notTaken, overruns, otherAmounts, foreign }: DayComparison): number {
  return notTaken.length + overruns.length + otherAmounts.length + foreign.length;
}

function resolvedFacts({ open, resolution }: Resolved): object {
  return { requestId: open.hold.id, day: open.hold.day, amountUsd: formatUsd(open.hold.amountMicroUsd), ...resolution };
}

function resolvedLine({ open, resolution }: Resolved): string {
  const payment = `${open.hold.id} of ${open.hold.day}, ${displayUsd(open.hold.amountMicroUsd)}`;
  if (resolution.kind === 'wait') return `${payment}: stays unresolved and keeps counting; there is no proof yet`;
  return `${payment}: ${resolution.kind === 'settle' ? 'settled' : 'released'}, since ${resolution.reason}`;
}

function matchFacts({ payment, transfer }: Match): object {
  const { holdId: requestId, machine, authorization } = payment;
  const { transaction, amountMicroUsd: taken } = transfer;
  return {
    requestId,
    machine,
    transaction,
    nonce: authorization.nonce,
    bookedUsd: formatUsd(authorization.amountMicroUsd),
    takenUsd: formatUsd(taken),
  };
}

function comparisonFacts({
  day: of,
  bookedMicroUsd,
  takenMicroUsd,
  matches,
  notTaken,
  overruns,
  otherAmounts,
  foreign,
  unasked,
}: DayComparison): object {
  return {
    day: of,
    bookedUsd: formatUsd(bookedMicroUsd),
    takenUsd: formatUsd(takenMicroUsd),
    matches: matches.map(matchFacts),
    notTaken: notTaken.map(({ holdId, machine, authorization }) => ({
      requestId: holdId,
      machine,
      bookedUsd: formatUsd(authorization.amountMicroUsd),
    })),
    overruns: overruns.map(matchFacts),
    otherAmounts: otherAmounts.map(matchFacts),
    foreign: foreign.map(({ transaction, payee, amountMicroUsd, at }) => ({
      transaction,
      payee,
      amountUsd: formatUsd(amountMicroUsd),
      at,
    })),
    unasked,
  };
}

function comparisonLines(comparison: DayComparison | undefined): string[] {
  if (!comparison) return ['No chain was asked: set BLOCKRUN_RPC_URL to compare what was booked with what left the wallet.'];
  const { day: of, bookedMicroUsd, takenMicroUsd, matches, notTaken, overruns, otherAmounts, foreign, unasked } = comparison;
  const found = (match: Match) => `${placed(match.payment)} (${match.transfer.transaction})`;
  return [
    `${of}: booked ${displayUsd(bookedMicroUsd)}, taken on the chain ${displayUsd(takenMicroUsd)}, ${matches.length} payments agree`,
    ...notTaken.map((payment) => `  booked and not taken: ${displayUsd(payment.authorization.amountMicroUsd)} for ${placed(payment)}`),
    ...overruns.map(
      (match) =>
        `  taken and not booked before: ${displayUsd(match.transfer.amountMicroUsd)} for ${found(match)}; booked now, spending is stopped`,
    ),
    ...otherAmounts.map((match) => `  another amount: ${displayUsd(match.transfer.amountMicroUsd)} taken for ${found(match)}`),
    ...foreign.map(
      (transfer) => `  not by this proxy: ${displayUsd(transfer.amountMicroUsd)} to ${transfer.payee} (${transfer.transaction})`,
    ),
    ...(unasked > 0 ? [`  not compared: ${unasked} payments on a network that no node is set for`] : []),
  ];
}

function placed({ holdId, machine }: SignedPayment): string {
  return machine === ONLY_MACHINE ? holdId : `${holdId} of ${machine}`;
}
