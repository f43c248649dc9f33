import type { LedgerTransaction } from '../store/sql-store.js';
import type { ClientDayRow, ledgerQueries, TakenRow } from './ledger-queries.js';
import { emptyClientDay, emptyDay } from './ledger-rows.js';
import type { RoomValues } from './room-sql.js';
import { type Limits, limitUses, type LimitUse, minuteOf, NO_LIMIT, reachedLimit, wantedUnder } from './limit.js';
import type { HoldClaim } from './ledger.js';

/** The day and the minute that a hold counts on, with the time of the transaction that places it. */
export interface Placing {
  day: string;
  at: bigint;
}

type LimitsOfClaim = Omit<HoldClaim, 'id' | 'model' | 'maxMicroUsd'>;
type Reader = Pick<LedgerTransaction, 'selectFrom'>;

/** The room for holds: taken by conditional statements, first from the client's own limits, then from those of all. */
export class HoldRoom {
  constructor(private readonly queries: ReturnType<typeof ledgerQueries>) {}

  /** Takes room for the claim. Returns the day's row with it (`newest_hold` says how much); undefined, and nothing taken, where there is none. */
  async take(tx: LedgerTransaction, claim: HoldClaim, when: Placing): Promise<TakenRow | undefined> {
    const ofClient = claim.client && (await this.takeOfClient(tx, { ofClient: claim.client, max: claim.maxMicroUsd, when }));
    if (claim.client && !ofClient) return undefined;
    const max = ofClient?.newest_hold ?? claim.maxMicroUsd;
    const values = { ...valuesOf(claim, { when, max }), concurrent: claim.concurrent ?? NO_LIMIT };
    const takeOfAll = async () => (await tx.executeQuery(this.queries.takeRoom(values))).rows[0];
    const row = (await takeOfAll()) ?? ((await this.beginDay(tx, claim, when.day)) ? await takeOfAll() : undefined);
    if (ofClient && row?.newest_hold !== max) await this.giveBack(tx, ofClient, row);
    return row;
  }

  /** How far each limit of the claim is used, the client's own first. */
  async uses(db: Reader, claim: LimitsOfClaim, { day, at }: Placing): Promise<LimitUse[]> {
    const { client, concurrent } = claim;
    const minute = minuteOf(at);
    const used = await db.selectFrom('day').selectAll().where('day', '=', day).executeTakeFirst();
    const all = limitUses({ ...claim, capMicroUsd: claim.capMicroUsd + (used?.raised ?? 0n) }, { used, minute });
    if (concurrent !== undefined) {
      const inFlight = await this.inFlight(db);
      all.push({ kind: 'concurrent', client: undefined, used: inFlight, max: concurrent, held: 0n, returnable: inFlight });
    }
    if (!client) return all;
    const ofClient = db.selectFrom('client_day').selectAll().where('day', '=', day).where('client', '=', client.name);
    return [...limitUses(client, { client: client.name, used: await ofClient.executeTakeFirst(), minute }), ...all];
  }

  /** Which limit it was that left no room, as the statements have it. */
  async reached(tx: LedgerTransaction, claim: HoldClaim, when: Placing): Promise<LimitUse | undefined> {
    const uses = await this.uses(tx, claim, when);
    const own = uses.filter(({ client }) => client !== undefined);
    const ofAll = uses.filter(({ client }) => client === undefined);
    return reachedLimit(own, claim.maxMicroUsd) ?? reachedLimit(ofAll, wantedUnder(own, claim.maxMicroUsd));
  }

  private async takeOfClient(
    tx: LedgerTransaction,
    { ofClient, max, when }: { ofClient: NonNullable<HoldClaim['client']>; max: bigint; when: Placing },
  ): Promise<ClientDayRow | undefined> {
    const client = ofClient.name;
    const values = { ...valuesOf(ofClient, { when, max }), client };
    const take = async () => (await tx.executeQuery(this.queries.takeClientRoom(values))).rows[0];
    return (await take()) ?? ((await createClientDay(tx, when.day, client)) ? await take() : undefined);
  }

  /** There was less room for all than for the client, or none: what was taken of the client's in vain goes back. */
  private async giveBack(tx: LedgerTransaction, { day, client, minute, newest_hold: taken }: ClientDayRow, row: TakenRow | undefined) {
    const none = { spent: 0n, signed: 0n, unresolved: 0n, calls: 0n, minute_signed: 0n };
    const back = { held: (row?.newest_hold ?? 0n) - taken, minute_requests: row ? 0n : -1n };
    await tx.executeQuery(this.queries.changeClientTotals({ day, client, minute, ...none, ...back }));
  }

  /**
   * On a day without a record there is room, unless too many calls of the day before are in flight. Then it does not begin yet: a day that
   * a wrong clock names would keep the right one from being paid on (`refuseWhenClockWentBack`).
   */
  private async beginDay(tx: LedgerTransaction, { concurrent }: HoldClaim, day: string): Promise<boolean> {
    return (concurrent === undefined || (await this.inFlight(tx)) < concurrent) && createDay(tx, day);
  }

  private async inFlight(db: Reader): Promise<bigint> {
    const count = db.selectFrom('open_hold').select(({ fn }) => fn.countAll<bigint>().as('holds'));
    return (await count.where('state', '!=', 'unresolved').executeTakeFirstOrThrow()).holds;
  }
}

function valuesOf(limits: Limits, { when, max }: { when: Placing; max: bigint }): RoomValues {
  return {
    day: when.day,
    max,
    cap: limits.capMicroUsd ?? NO_LIMIT,
    perMinute: limits.microUsdPerMinute ?? NO_LIMIT,
    requests: limits.requestsPerMinute ?? NO_LIMIT,
    minute: minuteOf(when.at),
  };
}

async function createDay(tx: LedgerTransaction, day: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('day')
    .values(emptyDay(day))
    .onConflict((conflict) => conflict.column('day').doNothing())
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function createClientDay(tx: LedgerTransaction, day: string, client: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('client_day')
    .values(emptyClientDay(day, client))
    .onConflict((conflict) => conflict.columns(['day', 'client']).doNothing())
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}
