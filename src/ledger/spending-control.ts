import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { AuditLog } from '../audit/audit-log.js';
import { Clock, utcDay } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import { formatUsd, type MicroUsd } from '../money/micro-usd.js';
import { type LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { ledgerTime } from './ledger-time.js';

/**
 * What an operator may do about spending, each act a record with its reason and a line in the audit. Nothing that was spent is forgotten:
 * more room for today is added on top of the daily cap.
 */
@Injectable()
export class SpendingControl {
  constructor(
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Adds to today's allowance. @throws CodedError ledger_unavailable | audit_unavailable: nothing was added */
  async raise(amountMicroUsd: MicroUsd, reason: string): Promise<void> {
    await this.store.write((tx, at) => this.addToday(tx, { amount: amountMicroUsd, reason, now: ledgerTime(at, this.clock) }));
  }

  /**
   * Begins today's allowance anew: adds what was spent today, as far as it takes to have the whole daily cap again. What calls in flight
   * hold and what is unresolved keeps counting: it may come back by itself. Returns how much was added.
   */
  async reset(reason: string): Promise<MicroUsd> {
    return this.store.write(async (tx, at) => {
      const now = ledgerTime(at, this.clock);
      const row = await tx.selectFrom('day').selectAll().where('day', '=', utcDay(now)).executeTakeFirst();
      const added = row ? row.spent - row.raised : 0n;
      if (added > 0n) await this.addToday(tx, { amount: added, reason, now });
      return added > 0n ? added : 0n;
    });
  }

  /** Places no hold any more, in any process, until somebody resumes. Calls that are paid already end as they do. */
  async stop(reason: string): Promise<void> {
    await this.store.write(async (tx, at) => {
      await tx
        .insertInto('stop')
        .values({ at: millisecondsOf(ledgerTime(at, this.clock)), reason })
        .execute();
      await this.audit.append(tx, { event: 'spending_stopped', reason });
    });
  }

  /** Ends every stop. Returns the reasons that they had. */
  async resume(reason: string): Promise<string[]> {
    return this.store.write(async (tx, at) => {
      const ended = await tx
        .updateTable('stop')
        .set({ ended_at: millisecondsOf(ledgerTime(at, this.clock)), ended_reason: reason })
        .where('ended_at', 'is', null)
        .returning('reason')
        .execute();
      const reasons = ended.map((stop) => stop.reason);
      if (reasons.length > 0) await this.audit.append(tx, { event: 'spending_resumed', stoppedFor: reasons.join('; '), reason });
      return reasons;
    });
  }

  /**
   * Has the audit tell whether the pause file of this machine is there, where it does not say so yet. Several processes that see the same
   * leave one line. Returns whether it is there.
   */
  async followPauseFile(path: string, isThere: () => boolean): Promise<boolean> {
    return this.store.write(async (tx, at) => {
      const { machine } = this.store;
      const known = await tx.selectFrom('pause_file').select('machine').where('machine', '=', machine).executeTakeFirst();
      const now = isThere();
      if (now === (known !== undefined)) return now;
      const since = millisecondsOf(ledgerTime(at, this.clock));
      if (now) await tx.insertInto('pause_file').values({ machine, since }).execute();
      else await tx.deleteFrom('pause_file').where('machine', '=', machine).execute();
      const told = `the file ${path} is there`;
      await this.audit.append(
        tx,
        now
          ? { event: 'spending_stopped', reason: told }
          : { event: 'spending_resumed', stoppedFor: told, reason: `the file ${path} is gone` },
      );
      return now;
    });
  }

  /** What operators have added for today, and why spending is stopped, if it is; oldest first. */
  async state(): Promise<{ raises: { amountMicroUsd: MicroUsd; reason: string }[]; stops: string[] }> {
    const day = utcDay(ledgerTime(await this.store.time(), this.clock));
    const today = this.store.reader.selectFrom('allowance').select(['amount', 'reason']).where('day', '=', day).orderBy('seq');
    const standing = this.store.reader.selectFrom('stop').select('reason').where('ended_at', 'is', null).orderBy('seq');
    return {
      raises: (await today.execute()).map(({ amount: amountMicroUsd, reason }) => ({ amountMicroUsd, reason })),
      stops: (await standing.execute()).map(({ reason }) => reason),
    };
  }

  /** Says that today's clock is right and that later days came from a wrong one. They keep what was booked on them. Returns these days. */
  async acceptClock(reason: string): Promise<string[]> {
    return this.store.write(async (tx, at) => {
      const today = utcDay(ledgerTime(at, this.clock));
      const wrong = await tx
        .updateTable('day')
        .set({ is_clock_error: 1n })
        .where('day', '>', today)
        .where('is_clock_error', '=', 0n)
        .returning('day')
        .execute();
      const days = wrong.map(({ day }) => day).toSorted();
      if (days.length > 0) await this.audit.append(tx, { event: 'clock_accepted', day: today, wrongDays: days.join(','), reason });
      return days;
    });
  }

  private async addToday(tx: LedgerTransaction, { amount, reason, now }: { amount: MicroUsd; reason: string; now: Date }): Promise<void> {
    const day = utcDay(now);
    await tx
      .insertInto('allowance')
      .values({ day, amount, at: millisecondsOf(now), reason })
      .execute();
    const row = await tx
      .insertInto('day')
      .values({ day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n, newest_hold: 0n, raised: amount })
      .onConflict((conflict) => conflict.column('day').doUpdateSet({ raised: sql`day.raised + ${amount}` }))
      .returning('raised')
      .executeTakeFirst();
    if (!row) throw new CodedError('ledger_unavailable', `The ledger has no totals of ${day}. Nothing was changed.`);
    await this.audit.append(tx, { event: 'budget_raised', day, amount: formatUsd(amount), raisedToday: formatUsd(row.raised), reason });
  }
}

function millisecondsOf(time: Date): bigint {
  return BigInt(time.getTime());
}
