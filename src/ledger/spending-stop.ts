import { CodedError } from '../errors/coded-error.js';
import type { LedgerTransaction } from '../store/sql-store.js';

/** Fails when the ledger has a day after the given one: the clock went back, and would open an allowance that is over. @throws CodedError clock_unreliable */
export async function refuseWhenClockWentBack(db: Pick<LedgerTransaction, 'selectFrom'>, day: string): Promise<void> {
  const later = await db.selectFrom('day').select('day').where('day', '>', day).where('is_clock_error', '=', 0n).executeTakeFirst();
  if (!later) return;
  throw new CodedError(
    'clock_unreliable',
    `This machine's clock says ${day}, but the ledger has records of ${later.day}. Nothing is paid until the clock is right. ` +
      `Set the clock; if it is right now and was wrong then, run: blockrun-openclaw-proxy budget accept-clock --reason "…"`,
  );
}

/** Fails while spending is stopped. @throws CodedError spending_stopped with the reason */
export async function refuseWhenStopped(db: Pick<LedgerTransaction, 'selectFrom'>): Promise<void> {
  const stop = await db.selectFrom('stop').select('reason').where('ended_at', 'is', null).orderBy('seq').executeTakeFirst();
  if (!stop) return;
  throw new CodedError(
    'spending_stopped',
    `Spending is paused (${stop.reason}), so every request exceeds your current quota until the operator runs: ` +
      'blockrun-openclaw-proxy resume --reason "…"',
  );
}
