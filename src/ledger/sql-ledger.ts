import { Inject, Injectable } from '@nestjs/common';
import { type Insertable, type Selectable, sql } from 'kysely';
import { AuditLog } from '../audit/audit-log.js';
import type { AuditEvent } from '../audit/audit-line.js';
import { Clock, utcDay } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import type { Receipt, SignedAuthorization } from '../money/authorization.js';
import type { LedgerSchema } from '../store/schema.js';
import { type LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { outcomeEvent, signedEvent } from './booking-event.js';
import { canMove, type DayTotals, type Hold, type HoldState, totalOf } from './hold.js';
import type { Booking, CallReport, CapReached, HoldClaim, Ledger, PlacedHold } from './ledger.js';

type DayRow = LedgerSchema['day'];
type Entry = Selectable<LedgerSchema['entry']>;
type NewEntry = Insertable<LedgerSchema['entry']>;

/** What a move adds to the record, and which line it leaves in the audit. */
interface Move {
  to: HoldState;
  /** Where given, the only state that the move may start from, of those that are legal. */
  from?: HoldState;
  /** Whether the hold, which is in the state `to` already, got there by this very move. */
  isRepeated?: (last: Entry) => boolean;
  /** Fields of the new entry; the others are carried over from the entry before. */
  entry?: Partial<NewEntry>;
  countsCall?: boolean;
  event: (hold: Hold, totals: DayTotals, entry: NewEntry) => AuditEvent;
}

/**
 * The ledger in SQL. The cap is kept by one conditional update of the day's row; a second end of a hold by unique keys; the order of
 * record and payment by `SqlStore.durable`.
 */
@Injectable()
export class SqlLedger implements Ledger {
  constructor(
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async place(claim: HoldClaim): Promise<PlacedHold | CapReached> {
    const now = this.clock.now();
    const day = utcDay(now);
    return this.store.write(async (tx) => {
      const row = await this.takeRoom(tx, day, claim);
      if (!row) return { kind: 'cap-reached', totals: await totalsOf(tx, day) };
      const { id, model } = claim;
      const amount = row.newest_hold;
      await tx
        .insertInto('entry')
        .values({ hold_id: id, step: 0n, state: 'held', day, amount, at: BigInt(now.getTime()), model })
        .execute();
      return { kind: 'held', hold: { id, day, state: 'held', amountMicroUsd: amount, model }, totals: totalsFrom(row) };
    });
  }

  async sign(holdId: string, authorization: SignedAuthorization): Promise<Booking> {
    const { network, asset, payer, payee, nonce, validBefore, amountMicroUsd } = authorization;
    const booking = await this.move(holdId, {
      to: 'signed',
      entry: { amount: amountMicroUsd, network, asset, payer, payee, nonce, valid_before: validBefore },
      isRepeated: (last) => last.nonce === nonce && last.amount === amountMicroUsd && last.payee === payee,
      event: (hold) => signedEvent(hold, authorization),
    });
    await this.store.durable();
    return booking;
  }

  settle(holdId: string, { report, receipt }: { report: CallReport; receipt?: Receipt | undefined }): Promise<Booking> {
    return this.move(holdId, outcomeMove('settled', report, { receipt, countsCall: true }));
  }

  leaveUnresolved(holdId: string, { report, receipt }: { report: CallReport; receipt?: Receipt | undefined }): Promise<Booking> {
    return this.move(holdId, outcomeMove('unresolved', report, { receipt }));
  }

  release(holdId: string, { report, answered }: { report: CallReport; answered: boolean }): Promise<Booking> {
    return this.move(holdId, { ...outcomeMove('released', report, { countsCall: answered }), from: 'held' });
  }

  totals(day: string): Promise<DayTotals> {
    return totalsOf(this.store.reader, day);
  }

  async allTotals(): Promise<DayTotals[]> {
    const rows = await this.store.reader.selectFrom('day').selectAll().orderBy('day').execute();
    return rows.map(totalsFrom);
  }

  /** Takes min(max, what is left of the day) from the day's row and returns the row with it; undefined when there is no room for that. */
  private async takeRoom(tx: LedgerTransaction, day: string, { maxMicroUsd, capMicroUsd }: HoldClaim): Promise<DayRow | undefined> {
    const left = sql<bigint>`(${capMicroUsd} - spent - signed - unresolved)`;
    const wanted = sql<bigint>`(case when ${left} < ${maxMicroUsd} then ${left} else ${maxMicroUsd} end)`;
    const take = () =>
      tx
        .updateTable('day')
        .set({ held: sql`held + ${wanted}`, newest_hold: wanted })
        .where('day', '=', day)
        .where(sql<boolean>`${left} > 0 and held + ${wanted} <= ${left}`)
        .returningAll()
        .executeTakeFirst();
    return (await take()) ?? ((await createDay(tx, day)) ? take() : undefined);
  }

  private async move(holdId: string, move: Move): Promise<Booking> {
    return this.store.write(async (tx) => {
      const entries = await tx.selectFrom('entry').selectAll().where('hold_id', '=', holdId).orderBy('step').execute();
      const last = entries.at(-1);
      if (!last) throw refusal(`there is no hold ${holdId}`);
      const state = last.state as HoldState;
      if (state === move.to && (move.isRepeated?.(last) ?? true)) return { hold: holdFrom(last), totals: await totalsOf(tx, last.day) };
      const isLegal = canMove(state, move.to) && (move.from ?? state) === state;
      if (!isLegal) throw refusal(`hold ${holdId} is ${state} and cannot become ${move.to} by this`);
      return this.enter(tx, last, move);
    });
  }

  private async enter(tx: LedgerTransaction, last: Entry, move: Move): Promise<Booking> {
    const { seq: _seq, ...carried } = last;
    const at = BigInt(this.clock.now().getTime());
    const entry: NewEntry = { ...carried, ...move.entry, step: last.step + 1n, state: move.to, at };
    if (entry.amount > last.amount) throw refusal(`${entry.amount} micro-USD are more than the hold of ${last.amount}`);
    await tx.insertInto('entry').values(entry).execute();
    const totals = await this.shiftTotals(tx, last, entry, move.countsCall ?? false);
    const hold = holdFrom(entry);
    await this.audit.append(tx, move.event(hold, totals, entry));
    return { hold, totals };
  }

  private async shiftTotals(tx: LedgerTransaction, from: Entry, to: NewEntry, countsCall: boolean): Promise<DayTotals> {
    const fromTotal = totalOf(from.state as HoldState);
    const toTotal = totalOf(to.state as HoldState);
    const row = await tx
      .updateTable('day')
      .set({
        ...(fromTotal && { [fromTotal]: sql`${sql.ref(fromTotal)} - ${from.amount}` }),
        ...(toTotal && { [toTotal]: sql`${sql.ref(toTotal)} + ${to.amount}` }),
        calls: sql`calls + ${countsCall ? 1n : 0n}`,
      })
      .where('day', '=', from.day)
      .returningAll()
      .executeTakeFirstOrThrow();
    return totalsFrom(row);
  }
}

function outcomeMove(
  to: 'settled' | 'unresolved' | 'released',
  report: CallReport,
  { receipt, countsCall = false }: { receipt?: Receipt | undefined; countsCall?: boolean },
): Move {
  return {
    to,
    entry: { reason: report.reason ?? null, ...(receipt && { transaction_id: receipt.transaction }) },
    countsCall,
    event: (hold, totals, entry) => outcomeEvent({ report, hold, totals, receipt, authorization: authorizationFrom(entry) }),
  };
}

function authorizationFrom(entry: NewEntry): Omit<SignedAuthorization, 'amountMicroUsd'> | undefined {
  const { network, asset, payer, payee, nonce, valid_before: validBefore } = entry;
  if (!network || !asset || !payer || !payee || !nonce || !validBefore) return undefined;
  return { network, asset, payer, payee, nonce, validBefore };
}

async function createDay(tx: LedgerTransaction, day: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('day')
    .values({ day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n, newest_hold: 0n })
    .onConflict((conflict) => conflict.column('day').doNothing())
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function totalsOf(db: Pick<LedgerTransaction, 'selectFrom'>, day: string): Promise<DayTotals> {
  const row = await db.selectFrom('day').selectAll().where('day', '=', day).executeTakeFirst();
  return totalsFrom(row ?? { day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n });
}

function totalsFrom(row: Omit<DayRow, 'newest_hold'>): DayTotals {
  return {
    day: row.day,
    spentMicroUsd: row.spent,
    heldMicroUsd: row.held,
    signedMicroUsd: row.signed,
    unresolvedMicroUsd: row.unresolved,
    calls: Number(row.calls),
  };
}

function holdFrom(entry: Pick<NewEntry, 'hold_id' | 'day' | 'state' | 'amount' | 'model'>): Hold {
  return {
    id: entry.hold_id,
    day: entry.day,
    state: entry.state as HoldState,
    amountMicroUsd: entry.amount,
    model: entry.model ?? '',
  };
}

function refusal(reason: string): CodedError {
  return new CodedError('ledger_unavailable', `The ledger refused a move: ${reason}. Nothing was changed.`);
}
