import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { Clock, utcDay } from '../clock/clock.js';
import { reach } from '../crash/crash-points.js';
import type { SignedAuthorization } from '../money/authorization.js';
import { type LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { overrunEvent, signedEvent } from './booking-event.js';
import { type Move, type Outcome, outcomeMove, refusal } from './hold-move.js';
import { HoldRoom, type Placing } from './hold-room.js';
import { type Entry, ledgerQueries, type NewEntry } from './ledger-queries.js';
import { clientTotalsFrom, emptyDay, holdFrom, totalsChange, totalsFrom, UNSIGNED } from './ledger-rows.js';
import { type ClientTotals, type DayTotals, faultOfRecord, type HoldState, totalOf } from './hold.js';
import type { LimitUse } from './limit.js';
import { ledgerTime, refuseWhenClockIsOff } from './ledger-time.js';
import { Instance } from './instance.js';
import type { Booking, CallReport, CapReached, Finding, HoldClaim, Ledger, OpenHold, PlacedHold, SellerSays } from './ledger.js';
import { readOpenHolds } from './open-holds.js';
import type { TotalsValues } from './room-sql.js';
import { refuseWhenClockWentBack, refuseWhenStopped } from './spending-stop.js';

/**
 * The ledger in SQL. The limits are kept by conditional updates of the day's rows (`HoldRoom`); a second end of a hold by unique keys; the order of
 * record and payment by `SqlStore.durable`.
 */
@Injectable()
export class SqlLedger implements Ledger {
  private readonly queries: ReturnType<typeof ledgerQueries>;
  private readonly room: HoldRoom;

  constructor(
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
    private readonly instance: Instance,
  ) {
    this.queries = ledgerQueries(store.reader);
    this.room = new HoldRoom(this.queries);
  }

  async place(claim: HoldClaim): Promise<PlacedHold | CapReached> {
    try {
      return await this.store.write((tx, at) => this.take(tx, claim, at));
    } catch (error) {
      const placed = await this.placedBefore(claim).catch(() => undefined);
      if (placed) return placed;
      throw error;
    }
  }

  async sign(holdId: string, authorization: SignedAuthorization): Promise<Booking> {
    const { network, asset, payer, payee, nonce, validBefore, amountMicroUsd } = authorization;
    const booking = await this.move(holdId, {
      to: 'signed',
      entry: { amount: amountMicroUsd, network, asset, payer, payee, nonce, valid_before: validBefore },
      isRepeated: (last) => last.nonce === nonce && last.amount === amountMicroUsd && last.payee === payee,
      event: (hold) => signedEvent(hold, authorization),
    });
    reach('signed-committed');
    await this.store.durable();
    return booking;
  }

  settle(holdId: string, outcome: Outcome): Promise<Booking> {
    return this.move(holdId, { ...outcomeMove('settled', outcome), countsCall: true });
  }

  leaveUnresolved(holdId: string, { report, sellerSays }: { report: Outcome['report']; sellerSays?: SellerSays }): Promise<Booking> {
    const move = outcomeMove('unresolved', { report });
    return this.move(holdId, { ...move, entry: { ...move.entry, seller_says: sellerSays ?? null } });
  }

  release(holdId: string, { report, answered }: { report: CallReport; answered: boolean }): Promise<Booking> {
    return this.move(holdId, { ...outcomeMove('released', { report }), from: ['held'], countsCall: answered });
  }

  releaseProven(holdId: string, report: Finding): Promise<Booking> {
    return this.move(holdId, { ...outcomeMove('released', { report }), from: ['signed', 'unresolved'] });
  }

  expire(holdId: string, report: Finding): Promise<Booking> {
    return this.move(holdId, outcomeMove('expired', { report }));
  }

  bookOverrun(holdId: string, { transaction, reason }: { transaction: string; reason: string }): Promise<Booking> {
    return this.store.write(async (tx, serverTime) => {
      const released = await this.newestEntry(tx, holdId);
      const id = `${holdId}-overrun`;
      const booked = await this.newestEntry(tx, id);
      if (booked) return { hold: holdFrom(booked), totals: await this.totalsOf(tx, booked.day) };
      if (released?.state !== 'released') throw refusal(`hold ${holdId} is not released, so nothing of it can be an overrun`);
      const at = BigInt(ledgerTime(serverTime, this.clock).getTime());
      await tx
        .insertInto('stop')
        .values({ at, reason: `overrun: ${reason}` })
        .execute();
      const entry = {
        ...withoutSeq(released),
        hold_id: id,
        step: 0n,
        state: 'settled',
        at,
        transaction_id: transaction,
        reason,
        audited_by: this.store.machine,
      };
      return this.enter(tx, undefined, entry, { countsCall: false, event: (hold, totals) => overrunEvent(hold, totals, entry) });
    });
  }

  async verifyOpen(): Promise<void> {
    const now = ledgerTime(await this.store.time(), this.clock);
    refuseWhenClockIsOff(now, this.clock);
    await refuseWhenClockWentBack(this.store.reader, utcDay(now));
    await refuseWhenStopped(this.store.reader);
  }

  openHolds(): Promise<OpenHold[]> {
    return readOpenHolds(this.store.reader);
  }

  totals(day: string): Promise<DayTotals> {
    return this.totalsOf(this.store.reader, day);
  }

  async clientTotals(day: string): Promise<ClientTotals[]> {
    const rows = await this.store.reader.selectFrom('client_day').selectAll().where('day', '=', day).orderBy('client').execute();
    return rows.map(clientTotalsFrom);
  }

  async limitUses(claim: Omit<HoldClaim, 'id' | 'model' | 'maxMicroUsd'>, day: string): Promise<LimitUse[]> {
    const now = ledgerTime(await this.store.time(), this.clock);
    return this.room.uses(this.store.reader, claim, { day, at: BigInt(now.getTime()) });
  }

  async allTotals(): Promise<DayTotals[]> {
    const rows = await this.store.reader.selectFrom('day').selectAll().orderBy('day').execute();
    return rows.map(totalsFrom);
  }

  private async take(tx: LedgerTransaction, claim: HoldClaim, serverTime: Date | undefined): Promise<PlacedHold | CapReached> {
    const now = ledgerTime(serverTime, this.clock);
    refuseWhenClockIsOff(now, this.clock);
    const when = { day: utcDay(now), at: BigInt(now.getTime()) };
    const row = await this.room.take(tx, claim, when);
    if (!row) return this.noRoom(tx, claim, when);
    const { id: hold_id, model, client } = claim;
    const { machine } = this.store;
    const entry = {
      ...UNSIGNED,
      ...when,
      hold_id,
      step: 0n,
      state: 'held',
      amount: row.newest_hold,
      model,
      machine,
      audited_by: machine,
      client: client?.name ?? null,
    };
    await tx.executeQuery(this.queries.addEntry(entry));
    await tx.executeQuery(this.queries.openHold({ holdId: hold_id, owner: this.instance.id }));
    return { kind: 'held', hold: holdFrom(entry), totals: totalsFrom(row) };
  }

  private async noRoom(tx: LedgerTransaction, claim: HoldClaim, when: Placing): Promise<CapReached> {
    const { id } = claim;
    if (await this.newestEntry(tx, id)) throw refusal(`there is a hold ${id} already`);
    await refuseWhenClockWentBack(tx, when.day);
    await refuseWhenStopped(tx);
    const limit = await this.room.reached(tx, claim, when);
    if (!limit) throw refusal('there was no room for a hold, and no limit says why');
    return { kind: 'cap-reached', totals: await this.totalsOf(tx, when.day), limit };
  }

  /** The hold that the same claim made before, as it was placed. */
  private async placedBefore({ id, model }: HoldClaim): Promise<PlacedHold | undefined> {
    const entry = await this.store.reader
      .selectFrom('entry')
      .selectAll()
      .where('hold_id', '=', id)
      .where('step', '=', 0n)
      .where('model', '=', model)
      .executeTakeFirst();
    return entry && { kind: 'held', hold: holdFrom(entry), totals: await this.totals(entry.day) };
  }

  private async newestEntry(tx: LedgerTransaction, holdId: string): Promise<Entry | undefined> {
    return (await tx.executeQuery(this.queries.newestEntry({ holdId }))).rows[0];
  }

  private async move(holdId: string, move: Move): Promise<Booking> {
    return this.store.write(async (tx, serverTime) => {
      const last = await this.newestEntry(tx, holdId);
      if (!last) throw refusal(`there is no hold ${holdId}`);
      const state = last.state as HoldState;
      if (state === move.to && (move.isRepeated?.(last) ?? true))
        return { hold: holdFrom(last), totals: await this.totalsOf(tx, last.day) };
      if (move.from && !move.from.includes(state)) throw refusal(`hold ${holdId} is ${state} and cannot become ${move.to} by this`);
      const at = BigInt(ledgerTime(serverTime, this.clock).getTime());
      return this.enter(
        tx,
        last,
        { ...last, ...move.entry, step: last.step + 1n, state: move.to, at, audited_by: this.store.machine },
        move,
      );
    });
  }

  /** Writes one record, the change that it makes to the totals of its day, and its audit line. */
  private async enter(
    tx: LedgerTransaction,
    last: Entry | undefined,
    entry: NewEntry,
    { countsCall = false, event }: Pick<Move, 'countsCall' | 'event'>,
  ): Promise<Booking> {
    const hold = holdFrom(entry);
    const fault = faultOfRecord(last && holdFrom(last), hold);
    if (fault !== undefined) throw refusal(fault);
    await tx.executeQuery(this.queries.addEntry(entry));
    const { hold_id: holdId, state } = entry;
    const isOpen = totalOf(hold.state) !== 'spent' && totalOf(hold.state) !== undefined;
    await tx.executeQuery(isOpen ? this.queries.moveOpenHold({ holdId, state }) : this.queries.closeHold({ holdId }));
    const totals = await this.changeTotals(tx, entry, totalsChange(last, entry, countsCall));
    await this.audit.append(tx, event(hold, totals, entry));
    if (hold.state === 'signed' || hold.state === 'settled') reach(`${hold.state}-uncommitted`);
    return { hold, totals };
  }

  private async changeTotals(tx: LedgerTransaction, { state, day, client }: NewEntry, change: TotalsValues): Promise<DayTotals> {
    const { changeTotals, changeTotalsUnlessStopped, changeClientTotals } = this.queries;
    const isSigning = state === 'signed';
    const [row] = (await tx.executeQuery(isSigning ? changeTotalsUnlessStopped(change) : changeTotals(change))).rows;
    if (!row && isSigning) await refuseWhenStopped(tx);
    if (!row) throw refusal(`there are no totals of ${day}`);
    if (client === null) return totalsFrom(row);
    const { numAffectedRows } = await tx.executeQuery(changeClientTotals({ ...change, client }));
    if (numAffectedRows !== 1n) throw refusal(`there are no totals of ${client} on ${day}`);
    return totalsFrom(row);
  }

  private async totalsOf(db: Pick<LedgerTransaction, 'executeQuery'>, day: string): Promise<DayTotals> {
    const [row] = (await db.executeQuery(this.queries.totals({ day }))).rows;
    return totalsFrom(row ?? emptyDay(day));
  }
}

function withoutSeq({ seq: _seq, ...entry }: Entry): NewEntry {
  return entry;
}
