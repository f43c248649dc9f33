import type { AuditLog } from '../audit/audit-log.js';
import type { Clock } from '../clock/clock.js';
import { formatUsd } from '../money/micro-usd.js';
import type { SqlStore } from '../store/sql-store.js';
import { ledgerTime } from './ledger-time.js';
import type { SummaryFile } from './summary-file.js';

/** The hold that stands for what was taken over of a day. */
export function takeoverId(day: string): string {
  return `takeover-${day}`;
}

/**
 * At the first start (a ledger without a day) the days of a `ledger.json` that the original left become entries of the ledger, so that
 * nobody's day restarts at zero. @throws CodedError ledger_unavailable when the file is there and cannot be understood
 */
export async function takeOverSummary(parts: { store: SqlStore; audit: AuditLog; clock: Clock; file: SummaryFile }): Promise<void> {
  const { store, audit, clock, file } = parts;
  await store.write(async (tx, serverTime) => {
    if (await tx.selectFrom('day').select('day').executeTakeFirst()) return;
    for (const { day, spentMicroUsd, calls } of file.read() ?? []) {
      const at = BigInt(ledgerTime(serverTime, clock).getTime());
      const none = { held: 0n, signed: 0n, unresolved: 0n, newest_hold: 0n };
      await tx
        .insertInto('day')
        .values({ day, spent: spentMicroUsd, calls: BigInt(calls), ...none })
        .execute();
      await tx
        .insertInto('entry')
        .values({
          hold_id: takeoverId(day),
          step: 0n,
          state: 'settled',
          day,
          amount: spentMicroUsd,
          at,
          reason: 'taken over from ledger.json',
          machine: store.machine,
          audited_by: store.machine,
        })
        .execute();
      await audit.append(tx, { event: 'ledger_takeover', day, spent: formatUsd(spentMicroUsd), calls });
    }
  });
}
