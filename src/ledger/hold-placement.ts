import { type Clock, utcDay } from '../clock/clock.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { atCommit } from '../store/together.js';
import { refusal } from './hold-move.js';
import type { HoldRoom, Placing } from './hold-room.js';
import type { Instance } from './instance.js';
import { newestEntry, totalsOf } from './ledger-lookups.js';
import type { LedgerQueries } from './ledger-queries.js';
import { holdFrom, totalsFrom } from './ledger-rows.js';
import { ledgerTime, refuseWhenClockIsOff } from './ledger-time.js';
import type { CapReached, HoldClaim, PlacedHold, Placement } from './ledger.js';
import { refuseWhenClockWentBack, refuseWhenStopped } from './spending-stop.js';

/** Places holds: takes the room for each (`HoldRoom`) and records it, in one transaction. */
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

  /** @throws OutcomeUnknown when nobody can say whether the holds were placed; as `Ledger.placeInOrder` */
  async placeInOrder(claims: readonly HoldClaim[]): Promise<Placement[]> {
    const { store } = this.parts;
    try {
      return await store.writeSurely({
        work: (tx, at) => this.takeInOrder(tx, claims, at),
        isThere: async (placements) => placements[0]?.kind !== 'held' || (await this.placedBefore(claims)).length > 0,
      });
    } catch (error) {
      const placed = await this.placedBefore(claims).catch(() => []);
      if (placed.length > 0) return placed;
      throw error;
    }
  }

  private async takeInOrder(tx: LedgerTransaction, claims: readonly HoldClaim[], serverTime: Date | undefined): Promise<Placement[]> {
    const placements: Placement[] = [];
    for (const claim of claims) {
      const placement = await this.take(tx, claim, serverTime);
      placements.push(placement);
      if (placement.kind === 'cap-reached') break;
    }
    return placements;
  }

  private async take(tx: LedgerTransaction, claim: HoldClaim, serverTime: Date | undefined): Promise<Placement> {
    const { store, clock, instance, queries, room } = this.parts;
    const now = ledgerTime(serverTime, clock);
    refuseWhenClockIsOff(now, clock);
    const when = { day: utcDay(now), at: BigInt(now.getTime()) };
    const row = await room.take(tx, claim, when);
    if (!row) return this.noRoom(tx, claim, when);
    const { id, model, client } = claim;
    const { day, at } = when;
    const entry = {
      hold_id: id,
      step: 0n,
      state: 'held' as const,
      day,
      amount: row.newest_hold,
      at,
      model,
      reason: null,
      machine: store.machine,
      audited_by: store.machine,
      client: client?.name ?? null,
    };
    // A hold that is lost has signed nothing, and cannot sign any more. Others wait for their turn until this is confirmed.
    const records = [queries.addUnsigned(entry), queries.openHold({ holdId: id, owner: instance.id })];
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

  /** The holds that the same claims made before, as they were placed: of the first of them, up to one that made none. */
  private async placedBefore(claims: readonly HoldClaim[]): Promise<PlacedHold[]> {
    const { store, queries } = this.parts;
    const placed: PlacedHold[] = [];
    for (const { id, model } of claims) {
      const entry = await store.reader
        .selectFrom('entry')
        .selectAll()
        .where('hold_id', '=', id)
        .where('step', '=', 0n)
        .where('model', '=', model)
        .executeTakeFirst();
      if (!entry) break;
      placed.push({ kind: 'held', hold: holdFrom(entry), totals: await totalsOf(store.reader, queries, entry.day) });
    }
    return placed;
  }
}
