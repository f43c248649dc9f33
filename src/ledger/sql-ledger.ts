import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import type { AuditEvent } from '../audit/audit-line.js';
import { Clock, utcDay } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import type { Receipt, SignedAuthorization } from '../money/authorization.js';
import { type LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { outcomeEvent, signedEvent } from './booking-event.js';
import { type DayRow, type Entry, ledgerQueries, type NewEntry, type TotalsChange } from './ledger-queries.js';
import { canMove, type DayTotals, type Hold, type HoldState, totalOf } from './hold.js';
import type { Booking, CallReport, CapReached, HoldClaim, Ledger, PlacedHold } from './ledger.js';

/** The fields of an entry for which nothing was signed yet. */
const UNSIGNED = {
  network: null,
  asset: null,
  payer: null,
  payee: null,
  nonce: null,
  valid_before: null,
  transaction_id: null,
  reason: null,
};

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
  private readonly queries: ReturnType<typeof ledgerQueries>;

  constructor(
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.queries = ledgerQueries(store.reader);
  }

  async place(claim: HoldClaim): Promise<PlacedHold | CapReached> {
    const now = this.clock.now();
    const day = utcDay(now);
    return this.store.write(async (tx) => {
      const row = await this.takeRoom(tx, day, claim);
      if (!row) return { kind: 'cap-reached', totals: await this.totalsOf(tx, day) };
      const { id: hold_id, model } = claim;
      const entry = { ...UNSIGNED, hold_id, step: 0n, state: 'held', day, amount: row.newest_hold, at: BigInt(now.getTime()), model };
      await tx.executeQuery(this.queries.addEntry(entry));
      return { kind: 'held', hold: holdFrom(entry), totals: totalsFrom(row) };
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
    return this.totalsOf(this.store.reader, day);
  }

  async allTotals(): Promise<DayTotals[]> {
    const rows = await this.store.reader.selectFrom('day').selectAll().orderBy('day').execute();
    return rows.map(totalsFrom);
  }

  private async takeRoom(
    tx: LedgerTransaction,
    day: string,
    { maxMicroUsd: max, capMicroUsd: cap }: HoldClaim,
  ): Promise<DayRow | undefined> {
    const take = async () => (await tx.executeQuery(this.queries.takeRoom({ day, max, cap }))).rows[0];
    return (await take()) ?? ((await createDay(tx, day)) ? take() : undefined);
  }

  private async move(holdId: string, move: Move): Promise<Booking> {
    return this.store.write(async (tx) => {
      const [last] = (await tx.executeQuery(this.queries.newestEntry({ holdId }))).rows;
      if (!last) throw refusal(`there is no hold ${holdId}`);
      const state = last.state as HoldState;
      if (state === move.to && (move.isRepeated?.(last) ?? true))
        return { hold: holdFrom(last), totals: await this.totalsOf(tx, last.day) };
      const isLegal = canMove(state, move.to) && (move.from ?? state) === state;
      if (!isLegal) throw refusal(`hold ${holdId} is ${state} and cannot become ${move.to} by this`);
      return this.enter(tx, last, move);
    });
  }

  private async enter(tx: LedgerTransaction, last: Entry, move: Move): Promise<Booking> {
    const at = BigInt(this.clock.now().getTime());
    const entry = { ...last, ...move.entry, step: last.step + 1n, state: move.to, at };
    if (entry.amount > last.amount) throw refusal(`${entry.amount} micro-USD are more than the hold of ${last.amount}`);
    await tx.executeQuery(this.queries.addEntry(entry));
    const change = totalsChange(last, entry, move.countsCall ?? false);
    const [row] = (await tx.executeQuery(this.queries.changeTotals(change))).rows;
    if (!row) throw refusal(`there are no totals of ${last.day}`);
    const booking = { hold: holdFrom(entry), totals: totalsFrom(row) };
    await this.audit.append(tx, move.event(booking.hold, booking.totals, entry));
    return booking;
  }

  private async totalsOf(db: Pick<LedgerTransaction, 'executeQuery'>, day: string): Promise<DayTotals> {
    const [row] = (await db.executeQuery(this.queries.totals({ day }))).rows;
    return totalsFrom(row ?? { day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: 0n });
  }
}

/** What leaving one state and entering another does to the totals of the day. */
function totalsChange(from: Entry, to: NewEntry, countsCall: boolean): TotalsChange {
  const change = { day: from.day, spent: 0n, held: 0n, signed: 0n, unresolved: 0n, calls: countsCall ? 1n : 0n };
  const left = totalOf(from.state as HoldState);
  const entered = totalOf(to.state as HoldState);
  if (left) change[left] -= from.amount;
  if (entered) change[entered] += to.amount;
  return change;
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
