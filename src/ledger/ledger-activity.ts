import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { MicroUsd } from '../money/micro-usd.js';
import { SqlStore } from '../store/sql-store.js';
import type { HoldState } from './hold.js';

const HOUR_MS = 3_600_000n;

/** Calls that ended in the same hour, on the same day, for the same model and client, added up. */
export interface ActivitySum {
  day: string;
  /** Of the end, counted from 1970: a call that is placed before midnight may end after it, and counts on its day all the same. */
  hour: bigint;
  /** Null only for what was taken over from a `ledger.json` of before. */
  model: string | null;
  /** Null where nobody knew whose calls they were. */
  client: string | null;
  calls: number;
  spentMicroUsd: MicroUsd;
}

/** A move of a hold, as its record tells it. */
export interface HoldMove {
  holdId: string;
  state: HoldState;
  model: string | null;
  client: string | null;
  amountMicroUsd: MicroUsd;
  at: Date;
  transaction: string | null;
  reason: string | null;
}

/** A run of records: those after one number, up to another. */
export interface Records {
  after: bigint;
  upTo: bigint;
}

/**
 * What has happened, for whoever watches: by numbers of records, which grow, so that one who has seen some asks only for what came after.
 * Every question reads a run of the records that the caller bounds, by their primary key; it never goes through all of them.
 */
@Injectable()
export class LedgerActivity {
  constructor(private readonly store: SqlStore) {}

  /** The number of the newest record; 0 for an empty ledger. */
  async newest(): Promise<bigint> {
    const row = await this.store.reader.selectFrom('entry').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
    return row?.seq ?? 0n;
  }

  /** The sums of what ended in these records. A record that begins as settled (step 0) is money, and no call. */
  async sums({ after, upTo }: Records): Promise<ActivitySum[]> {
    const hour = sql<bigint>`at / ${sql.lit(HOUR_MS)}`;
    const rows = await this.store.reader
      .selectFrom('entry')
      .select(['day', 'model', 'client', hour.as('hour')])
      .select(sql<bigint>`count(*) filter (where state = 'released' or step > 0)`.as('calls'))
      .select(sql<bigint>`sum(case when state = 'settled' then amount else 0 end)`.as('spent'))
      .where('seq', '>', after)
      .where('seq', '<=', upTo)
      .where(sql<boolean>`(state = 'settled' or (state = 'released' and reason is null))`)
      .groupBy(['day', 'model', 'client', hour])
      .execute();
    return rows.map(({ spent: spentMicroUsd, calls, ...row }) => ({ ...row, calls: Number(calls), spentMicroUsd }));
  }

  /** The first of these records, or one of the first: when it was written. Undefined where there is none. */
  async timeOf({ after, upTo }: Records): Promise<Date | undefined> {
    const row = await this.store.reader
      .selectFrom('entry')
      .select('at')
      .where('seq', '>', after)
      .where('seq', '<=', upTo)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    return row && new Date(Number(row.at));
  }

  /** The moves in these records, newest first, as many as are wanted. */
  async moves({ after, upTo }: Records, limit: number): Promise<HoldMove[]> {
    const rows = await this.store.reader
      .selectFrom('entry')
      .select(['hold_id', 'state', 'model', 'client', 'amount', 'at', 'transaction_id', 'reason'])
      .where('seq', '>', after)
      .where('seq', '<=', upTo)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      holdId: row.hold_id,
      state: row.state as HoldState,
      model: row.model,
      client: row.client,
      amountMicroUsd: row.amount,
      at: new Date(Number(row.at)),
      transaction: row.transaction_id,
      reason: row.reason,
    }));
  }
}
