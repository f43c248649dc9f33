import { type Clock, utcDay } from '../clock/clock.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { atCommit } from '../store/together.js';
import { refusal } from './hold-move.js';
import type { HoldRoom, Placing } from './hold-room.js';
import type { Instance } from './instance.js';
import { newestEntry, totalsOf } from './ledger-lookups.js';
import type { LedgerQueries } from './ledger-queries.js';
import { holdFrom, totalsFrom, UNSIGNED } from './ledger-rows.js';
import { ledgerTime, refuseWhenClockIsOff } from './ledger-time.js';
import type { CapReached, HoldClaim, PlacedHold } from './ledger.js';
import { refuseWhenClockWentBack, refuseWhenStopped } from './spending-stop.js';

/** Places a hold: takes the room for it (`HoldRoom`) and records it, in one transaction. */
export class HoldPlacement {
  constructor(
    private readonly parts: {
      store: SqlStore;
      clock: Clock;
      instance: Pick<Instance, 'id'>;
      queries: LedgerQueries;
      room: HoldRoom;
    },
  ) {}

  /** @throws OutcomeUnknown when nobody can say whether the hold was placed; as `Ledger.place` */
  async place(claim: HoldClaim): Promise<PlacedHold | CapReached> {
    const { store } = this.parts;
    try {
      return await store.writeSurely({
        work: (tx, at) => this.take(tx, claim, at),
        isThere: async ({ kind }) => kind === 'cap-reached' || (await this.placedBefore(claim)) !== undefined,
      });
    } catch (error) {
      const placed = await this.placedBefore(claim).catch(() => undefined);
      if (placed) return placed;
      throw error;
    }
  }

  private async take(tx: LedgerTransaction, claim: HoldClaim, serverTime: Date | undefined): Promise<PlacedHold | CapReached> {
    const { store, clock, instance, queries, room } = this.parts;
    const now = ledgerTime(serverTime, clock);
    refuseWhenClockIsOff(now, clock);
    const when = { day: utcDay(now), at: BigInt(now.getTime()) };
    const row = await room.take(tx, claim, when);
    if (!row) return this.noRoom(tx, claim, when);
    const { id: hold_id, model, client } = claim;
    const { machine } = store;
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
    // A hold that is lost has signed nothing, and cannot sign any more. Others wait for their turn until this is confirmed.
    const records = [queries.addEntry(entry), queries.openHold({ holdId: hold_id, owner: instance.id })];
    await atCommit(tx, [...records, ...store.waivingDisk]);
    return { kind: 'held', hold: holdFrom(entry), totals: totalsFrom(row) };
  }

  private async noRoom(tx: LedgerTransaction, claim: HoldClaim, when: Placing): Promise<CapReached> {
    const { queries, room } = this.parts;
    const { id } = claim;
    if (await newestEntry(tx, queries, id)) throw refusal(`there is a hold ${id} already`);
    await refuseWhenClockWentBack(tx, when.day);
    await refuseWhenStopped(tx);
    const limit = await room.reached(tx, claim, when);
    if (!limit) throw refusal('there was no room for a hold, and no limit says why');
    return { kind: 'cap-reached', totals: await totalsOf(tx, queries, when.day), limit };
  }

  /** The hold that the same claim made before, as it was placed. */
  private async placedBefore({ id, model }: HoldClaim): Promise<PlacedHold | undefined> {
    const { store, queries } = this.parts;
    const entry = await store.reader
      .selectFrom('entry')
      .selectAll()
      .where('hold_id', '=', id)
      .where('step', '=', 0n)
      .where('model', '=', model)
      .executeTakeFirst();
    return entry && { kind: 'held', hold: holdFrom(entry), totals: await totalsOf(store.reader, queries, entry.day) };
  }
}
