import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { queryTemplate } from '../store/query-template.js';
import type { LedgerSchema } from '../store/schema.js';

export type DayRow = LedgerSchema['day'];
export type Entry = Selectable<LedgerSchema['entry']>;
export type NewEntry = Required<Insertable<Omit<LedgerSchema['entry'], 'seq'>>>;

/** By how much the totals of a day change. */
export type TotalsChange = Omit<DayRow, 'newest_hold'>;

/** The statements on the way of a request, built and compiled once. */
export function ledgerQueries(db: Kysely<LedgerSchema>) {
  return {
    /** Takes min(max, what is left of the day) from the day's row; no row when there is no room for that. */
    takeRoom: queryTemplate<{ day: string; max: bigint; cap: bigint }, DayRow>((blank) => {
      const left = sql<bigint>`(${blank('cap')} - spent - signed - unresolved)`;
      const wanted = sql<bigint>`(case when ${left} < ${blank('max')} then ${left} else ${blank('max')} end)`;
      return db
        .updateTable('day')
        .set({ held: sql`held + ${wanted}`, newest_hold: wanted })
        .where('day', '=', blank('day'))
        .where(sql<boolean>`${left} > 0 and held + ${wanted} <= ${left}`)
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
      }),
    ),
    totals: queryTemplate<{ day: string }, DayRow>((blank) => db.selectFrom('day').selectAll().where('day', '=', blank('day'))),
  };
}
