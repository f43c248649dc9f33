import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { Clock, utcDay } from '../clock/clock.js';
import { reach } from '../crash/crash-points.js';
import type { SignedAuthorization } from '../money/authorization.js';
import { type LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { overrunEvent, signedEvent } from './booking-event.js';
import { type Move, type Outcome, outcomeMove, refusal } from './hold-move.js';
import { HoldPlacement } from './hold-placement.js';
import { holdRecord } from './hold-record.js';
import { HoldRoom } from './hold-room.js';
import { type ClientTotals, type DayTotals, faultOfRecord, type HoldState } from './hold.js';
import { Instance } from './instance.js';
import { newestEntry, totalsOf } from './ledger-lookups.js';
import { type Entry, type LedgerQueries, ledgerQueries, type NewEntry } from './ledger-queries.js';
import { clientTotalsFrom, holdFrom, totalsFrom } from './ledger-rows.js';
import { ledgerTime, refuseWhenClockIsOff } from './ledger-time.js';
import type { LimitUse } from './limit.js';
import { LostHolds } from './lost-holds.js';
import type { Booking, CallReport, Finding, HoldClaim, Ledger, OpenHold, Placement, SellerSays } from './ledger.js';
import { readOpenHolds } from './open-holds.js';
import { refuseWhenClockWentBack, refuseWhenStopped } from './spending-stop.js';

const LOST = 'the ledger gave no answer in time, so nobody went on with it and nothing was sent';

/**
 * The ledger in SQL. The limits are kept by conditional updates of the day's rows (`HoldRoom`); a second end of a hold by unique keys; the order of
 * record and payment by `SqlStore.durable`.
 */
@Injectable()
export class SqlLedger implements Ledger {
  private readonly queries: LedgerQueries;
  private readonly room: HoldRoom;
  private readonly placement: HoldPlacement;
  private readonly lost = new LostHolds();

  constructor(
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
    instance: Instance,
  ) {
    this.queries = ledgerQueries(store.reader);
    this.room = new HoldRoom(this.queries);
    this.placement = new HoldPlacement({ store, clock, instance, queries: this.queries, room: this.room });
  }

  async place(claim: HoldClaim): Promise<Placement> {
    const [placement] = await this.placeInOrder([claim]);
    return placement as Placement;
  }

  placeInOrder(claims: readonly HoldClaim[]): Promise<Placement[]> {
    const ids = claims.map(({ id }) => id);
    return this.lost.remembering(ids, 'held', () => this.placement.placeInOrder(claims));
  }

  async sign(holdId: string, authorization: SignedAuthorization): Promise<Booking> {
    const { network, asset, payer, payee, nonce, validBefore, lastValidBlockHeight = null, amountMicroUsd } = authorization;
    const booking = await this.lost.remembering([holdId], 'signed', () =>
      this.move(holdId, {
        to: 'signed',
        entry: {
          amount: amountMicroUsd,
          network,
          asset,
          payer,
          payee,
          nonce,
          valid_before: validBefore,
          last_valid_block: lastValidBlockHeight,
        },
        isRepeated: (last) => last.nonce === nonce && last.amount === amountMicroUsd && last.payee === payee,
        event: (hold) => signedEvent(hold, authorization),
      }),
    );
    reach('signed-committed');
    await this.store.durable();
    return booking;
  }

  settle(holdId: string, outcome: Outcome): Promise<Booking> {
    return this.move(holdId, outcomeMove('settled', outcome, { countsCall: true }));
  }

  leaveUnresolved(holdId: string, { report, sellerSays }: { report: Outcome['report']; sellerSays?: SellerSays }): Promise<Booking> {
    const move = outcomeMove('unresolved', { report });
    return this.move(holdId, { ...move, entry: { ...move.entry, seller_says: sellerSays ?? null } });
  }

  release(holdId: string, { report, answered }: { report: CallReport; answered: boolean }): Promise<Booking> {
    return this.move(holdId, outcomeMove('released', { report }, { from: ['held'], countsCall: answered }));
  }

  releaseProven(holdId: string, report: Finding): Promise<Booking> {
    return this.move(holdId, outcomeMove('released', { report }, { from: ['signed', 'unresolved'] }));
  }

  expire(holdId: string, report: Finding): Promise<Booking> {
    return this.move(holdId, outcomeMove('expired', { report }));
  }

  bookOverrun(holdId: string, { transaction, reason }: { transaction: string; reason: string }): Promise<Booking> {
    return this.store.write(async (tx, serverTime) => {
      const released = await newestEntry(tx, this.queries, holdId);
      const id = `${holdId}-overrun`;
      const booked = await newestEntry(tx, this.queries, id);
      if (booked) return { hold: holdFrom(booked), totals: await totalsOf(tx, this.queries, booked.day) };
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
      return this.enter(tx, undefined, entry, {
        countsCall: false,
        event: (hold) => (totals) => overrunEvent(hold, totals, entry),
      });
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

  endLost(): Promise<number> {
    return this.lost.end(async (holdId, state) => {
      // By the time of this turn the transaction in doubt is over: it had its own until then.
      const last = await this.store.write((tx) => newestEntry(tx, this.queries, holdId));
      if (last?.state !== state) return false;
      if (state === 'held') await this.expire(holdId, { event: 'hold_expired', reason: LOST });
      else await this.leaveUnresolved(holdId, { report: { event: 'payment_unresolved', reason: LOST } });
      return true;
    });
  }

  totals(day: string): Promise<DayTotals> {
    return totalsOf(this.store.reader, this.queries, day);
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

  private async move(holdId: string, move: Move): Promise<Booking> {
    return this.store.writeSurely({
      read: this.queries.newestEntry({ holdId }),
      work: async (tx, serverTime, [last]) => {
        if (!last) throw refusal(`there is no hold ${holdId}`);
        const state = last.state as HoldState;
        if (state === move.to && (move.isRepeated?.(last) ?? true))
          return { hold: holdFrom(last), totals: await totalsOf(tx, this.queries, last.day) };
        if (move.from && !move.from.includes(state)) throw refusal(`hold ${holdId} is ${state} and cannot become ${move.to} by this`);
        const at = BigInt(ledgerTime(serverTime, this.clock).getTime());
        const entry = { ...last, ...move.entry, step: last.step + 1n, state: move.to, at, audited_by: this.store.machine };
        return this.enter(tx, last, entry, move);
      },
      isThere: async () => {
        const last = await newestEntry(this.store.reader, this.queries, holdId);
        return last?.state === move.to && (move.isRepeated?.(last) ?? true);
      },
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
    const record = holdRecord(tx, this.queries, { last, entry, countsCall });
    const told = event(hold, entry);
    if (typeof told === 'function') {
      await record.run(tx);
      await this.audit.append(tx, told(record.result));
    } else {
      await this.audit.append(tx, told, record);
    }
    if (hold.state === 'signed' || hold.state === 'settled') reach(`${hold.state}-uncommitted`);
    return { hold, totals: record.result };
  }
}

function withoutSeq({ seq: _seq, ...entry }: Entry): NewEntry {
  return entry;
}
