import type { AuditEvent } from '../audit/audit-line.js';
import type { Receipt, SignedAuthorization } from '../money/authorization.js';
import { formatUsd, usdNumber } from '../money/micro-usd.js';
import type { DayTotals, Hold } from './hold.js';
import type { NewEntry } from './ledger-queries.js';
import type { CallReport, Finding } from './ledger.js';

/** The audit line of an outcome: the original's fields, then ours. Amounts in `…Usd` are numbers as the original wrote them. */
export function outcomeEvent(facts: {
  report: CallReport | Finding;
  hold: Hold;
  totals: DayTotals;
  authorization?: Omit<SignedAuthorization, 'amountMicroUsd'> | undefined;
  receipt?: Receipt | undefined;
}): AuditEvent {
  const { report, hold, totals, authorization, receipt } = facts;
  const counts = hold.state === 'settled' || hold.state === 'unresolved';
  const booked = counts ? hold.amountMicroUsd : 0n;
  return {
    event: hold.state === 'unresolved' && report.event !== 'chat_completion' ? 'payment_unresolved' : report.event,
    model: hold.model,
    ...factsOfCall(report),
    actualCostUsd: hold.state === 'unresolved' ? null : usdNumber(booked),
    bookedCostUsd: usdNumber(booked),
    paymentNetwork: authorization?.network ?? null,
    receiptRef: receipt?.transaction ?? null,
    spentTodayUsd: usdNumber(totals.spentMicroUsd),
    requestId: hold.id,
    day: hold.day,
    client: hold.client,
    state: hold.state,
    booked: formatUsd(booked),
    spentToday: formatUsd(totals.spentMicroUsd),
    heldToday: formatUsd(totals.heldMicroUsd + totals.signedMicroUsd + totals.unresolvedMicroUsd),
    payee: authorization?.payee,
    nonce: authorization?.nonce,
    code: 'code' in report ? report.code : undefined,
    reason: report.reason,
  };
}

function factsOfCall(report: CallReport | Finding): Partial<Pick<CallReport, 'dryRun' | 'streamed' | 'durationMs'>> {
  if (!('durationMs' in report)) return {};
  const { dryRun, streamed, durationMs } = report;
  return { dryRun, streamed, durationMs };
}

/** The audit line that is written before a signature leaves. */
export function signedEvent(hold: Hold, authorization: SignedAuthorization): AuditEvent {
  return {
    event: 'payment_signed',
    model: hold.model,
    requestId: hold.id,
    day: hold.day,
    client: hold.client,
    amount: formatUsd(authorization.amountMicroUsd),
    paymentNetwork: authorization.network,
    asset: authorization.asset,
    payer: authorization.payer,
    payee: authorization.payee,
    nonce: authorization.nonce,
    validBefore: authorization.validBefore.toString(),
    lastValidBlockHeight: authorization.lastValidBlockHeight?.toString(),
  };
}

/** The audit line of a payment that was taken although its hold had been released. */
export function overrunEvent(hold: Hold, totals: DayTotals, entry: NewEntry): AuditEvent {
  return {
    event: 'payment_overrun',
    model: hold.model,
    actualCostUsd: usdNumber(hold.amountMicroUsd),
    bookedCostUsd: usdNumber(hold.amountMicroUsd),
    paymentNetwork: entry.network,
    receiptRef: entry.transaction_id,
    spentTodayUsd: usdNumber(totals.spentMicroUsd),
    requestId: hold.id,
    day: hold.day,
    client: hold.client,
    state: hold.state,
    booked: formatUsd(hold.amountMicroUsd),
    spentToday: formatUsd(totals.spentMicroUsd),
    payee: entry.payee,
    nonce: entry.nonce,
    reason: entry.reason,
  };
}
