import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { lesserOn } from '../store/dialect.js';
import { oneRowTemplate, queryTemplate } from '../store/query-template.js';
import type { LedgerSchema } from '../store/schema.js';
import { changedTotals, isConcurrencyLeft, isNotStopped, type RoomValues, takingRoom, type TotalsValues } from './room-sql.js';

export type DayRow = Selectable<LedgerSchema['day']>;
export type ClientDayRow = Selectable<LedgerSchema['client_day']>;
export type Entry = Selectable<LedgerSchema['entry']>;
export type NewEntry = Required<Insertable<Omit<LedgerSchema['entry'], 'seq'>>>;

/** The record of a hold for which nothing is signed. */
export type UnsignedEntry = Pick<
  NewEntry,
  'hold_id' | 'step' | 'state' | 'day' | 'amount' | 'at' | 'model' | 'reason' | 'machine' | 'audited_by' | 'client'
>;

/** What is told of a day's row when it changes; each column more takes time. */
const TOLD = ['day', 'spent', 'held', 'signed', 'unresolved', 'raised', 'calls'] as const;
export type TotalsRow = Pick<DayRow, (typeof TOLD)[number]>;
/** With how much the newest hold took. */
export type TakenRow = TotalsRow & Pick<DayRow, 'newest_hold'>;

export type LedgerQueries = ReturnType<typeof ledgerQueries>;

/** The statements on the way of a request, built and compiled once. */
export function ledgerQueries(db: Kysely<LedgerSchema>) {
  return {
    ...totalsQueries(db),
    ...clientQueries(db),
    newestEntry: oneRowTemplate<{ holdId: string }, Entry>((blank) =>
      db.selectFrom('entry').selectAll().where('hold_id', '=', blank('holdId')).orderBy('step', 'desc').limit(1),
    ),
    /** As `addEntry`, with fewer values: handing them over takes as long as writing them. */
    addUnsigned: queryTemplate<UnsignedEntry, unknown>((blank) =>
      db.insertInto('entry').values({
        hold_id: blank('hold_id'),
        step: blank('step'),
        state: blank('state'),
        day: blank('day'),
        amount: blank('amount'),
        at: blank('at'),
        model: blank('model'),
        reason: blank('reason'),
        machine: blank('machine'),
        audited_by: blank('audited_by'),
        client: blank('client'),
      }),
    ),
    addEntry: queryTemplate<NewEntry, unknown>((blank) =>
      db.insertInto('entry').values({
        hold_id: blank('hold_id'),
        step: blank('step'),
        state: blank('state'),
        day: blank('day'),
        amount: blank('amount'),
        at: blank('at'),
        model: blank('model'),
        network: blank('network'),
        asset: blank('asset'),
        payer: blank('payer'),
        payee: blank('payee'),
        nonce: blank('nonce'),
        valid_before: blank('valid_before'),
        last_valid_block: blank('last_valid_block'),
        transaction_id: blank('transaction_id'),
        reason: blank('reason'),
        seller_says: blank('seller_says'),
        machine: blank('machine'),
        audited_by: blank('audited_by'),
        client: blank('client'),
      }),
    ),
    ...openHoldQueries(db),
    totals: oneRowTemplate<{ day: string }, DayRow>((blank) => db.selectFrom('day').selectAll().where('day', '=', blank('day'))),
  };
}

/** What all calls together use of their limits. */
function totalsQueries(db: Kysely<LedgerSchema>) {
  const lesser = lesserOn(db);
  return {
    /**
     * Takes min(max, what is left) from the day's row; no row when there is no room for that, when spending is stopped, or when the ledger
     * knows a later day: then the clock went back, and this day's allowance is not to be used once more.
     */
    takeRoom: oneRowTemplate<RoomValues & { concurrent: bigint }, TakenRow>((blank) => {
      const room = takingRoom(blank, { raised: sql`+ raised`, lesser });
      return db
        .updateTable('day')
        .set({ ...room.set, is_clock_error: 0n })
        .where('day', '=', blank('day'))
        .where(room.isThere)
        .where(isConcurrencyLeft(blank('concurrent')))
        .where(sql<boolean>`not exists (select 1 from day as later where later.day > ${blank('day')} and later.is_clock_error = 0)`)
        .where(isNotStopped)
        .returning([...TOLD, 'newest_hold']);
    }),
    changeTotals: oneRowTemplate<TotalsValues, TotalsRow>((blank) =>
      db.updateTable('day').set(changedTotals(blank)).where('day', '=', blank('day')).returning(TOLD),
    ),
    /** As `changeTotals`; no row while spending is stopped. */
    changeTotalsUnlessStopped: oneRowTemplate<TotalsValues, TotalsRow>((blank) =>
      db.updateTable('day').set(changedTotals(blank)).where('day', '=', blank('day')).where(isNotStopped).returning(TOLD),
    ),
  };
}

/** What one client uses of its own. */
function clientQueries(db: Kysely<LedgerSchema>) {
  const lesser = lesserOn(db);
  return {
    /** Takes min(max, what is left) from the client's row of the day; no row when there is no room for that. */
    takeClientRoom: oneRowTemplate<RoomValues & { client: string }, ClientDayRow>((blank) => {
      const room = takingRoom(blank, { raised: sql``, lesser });
      return db
        .updateTable('client_day')
        .set(room.set)
        .where('day', '=', blank('day'))
        .where('client', '=', blank('client'))
        .where(room.isThere)
        .returningAll();
    }),
    changeClientTotals: queryTemplate<TotalsValues & { client: string }, unknown>((blank) =>
      db.updateTable('client_day').set(changedTotals(blank)).where('day', '=', blank('day')).where('client', '=', blank('client')),
    ),
  };
}

/** The holds that have not ended follow the entries. */
function openHoldQueries(db: Kysely<LedgerSchema>) {
  return {
    openHold: queryTemplate<{ holdId: string; owner: string }, unknown>((blank) =>
      db.insertInto('open_hold').values({ hold_id: blank('holdId'), state: 'held', owner: blank('owner') }),
    ),
    moveOpenHold: queryTemplate<{ holdId: string; state: string }, unknown>((blank) =>
      db
        .updateTable('open_hold')
        .set({ state: blank('state') })
        .where('hold_id', '=', blank('holdId')),
    ),
    closeHold: queryTemplate<{ holdId: string }, unknown>((blank) => db.deleteFrom('open_hold').where('hold_id', '=', blank('holdId'))),
  };
}
