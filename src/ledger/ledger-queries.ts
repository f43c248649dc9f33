import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { queryTemplate } from '../store/query-template.js';
import type { LedgerSchema } from '../store/schema.js';

export type DayRow = Selectable<LedgerSchema['day']>;
export type Entry = Selectable<LedgerSchema['entry']>;
export type NewEntry = Required<Insertable<Omit<LedgerSchema['entry'], 'seq'>>>;

/** By how much the totals of a day change. */
export type TotalsChange = Pick<DayRow, 'day' | 'spent' | 'held' | 'signed' | 'unresolved' | 'calls'>;

/** The statements on the way of a request, built and compiled once. */
export function ledgerQueries(db: Kysely<LedgerSchema>) {
  return {
    /**
     * Takes min(max, what is left of the day) from the day's row; no row when there is no room for that, when spending is stopped, or when
     * the ledger knows a later day: then the clock went back, and this day's allowance is not to be used once more.
     */
    takeRoom: queryTemplate<{ day: string; max: bigint; cap: bigint }, DayRow>((blank) => {
      const left = sql<bigint>`(${blank('cap')} + raised - spent - signed - unresolved)`;
      const wanted = sql<bigint>`(case when ${left} < ${blank('max')} then ${left} else ${blank('max')} end)`;
      return db
        .updateTable('day')
        .set({ held: sql`held + ${wanted}`, newest_hold: wanted, is_clock_error: 0n })
        .where('day', '=', blank('day'))
        .where(sql<boolean>`${left} > 0 and held + ${wanted} <= ${left}`)
        .where(sql<boolean>`not exists (select 1 from day as later where later.day > ${blank('day')} and later.is_clock_error = 0)`)
        .where(sql<boolean>`not exists (select 1 from stop where ended_at is null)`)
        .returningAll();
    }),
    changeTotals: queryTemplate<TotalsChange, DayRow>((blank) =>
      db
        .updateTable('day')
        .set({
          spent: sql`spent + ${blank('spent')}`,
          held: sql`held + ${blank('held')}`,
          signed: sql`signed + ${blank('signed')}`,
          unresolved: sql`unresolved + ${blank('unresolved')}`,
          calls: sql`calls + ${blank('calls')}`,
        })
        .where('day', '=', blank('day'))
        .returningAll(),
    ),
    newestEntry: queryTemplate<{ holdId: string }, Entry>((blank) =>
      db.selectFrom('entry').selectAll().where('hold_id', '=', blank('holdId')).orderBy('step', 'desc').limit(1),
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
        transaction_id: blank('transaction_id'),
        reason: blank('reason'),
        seller_says: blank('seller_says'),
        machine: blank('machine'),
        audited_by: blank('audited_by'),
      }),
    ),
    ...openHoldQueries(db),
    totals: queryTemplate<{ day: string }, DayRow>((blank) => db.selectFrom('day').selectAll().where('day', '=', blank('day'))),
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
