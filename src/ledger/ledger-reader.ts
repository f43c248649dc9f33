import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { SignedAuthorization } from '../money/authorization.js';
import { ONLY_MACHINE } from '../store/schema.js';
import { SqlStore } from '../store/sql-store.js';
import type { HoldState } from './hold.js';
import { authorizationFrom } from './ledger-rows.js';
import { type DayRange, type UsageRecords, type UsageReport, usageReport } from './usage.js';
import { readUsage } from './usage-query.js';

/** A hold for which something was signed, as its newest record tells it. */
export interface SignedPayment {
  holdId: string;
  state: HoldState;
  /** That placed the hold. */
  machine: string;
  authorization: SignedAuthorization;
  /** Of the seller's receipt, or found on the chain. */
  transaction: string | undefined;
}

/** Questions to the ledger that are not on the way of a request. It only reads. */
@Injectable()
export class LedgerReader {
  constructor(private readonly store: SqlStore) {}

  /** What the holds of these days add up to, as of one moment. */
  usage(range: DayRange): Promise<UsageRecords> {
    return readUsage(this.store.reader, range);
  }

  /** What each machine has bought on a UTC day, dearest first. */
  async machinesOn(day: string): Promise<UsageReport['rows']> {
    const range = { from: day, to: day };
    return usageReport(range, 'machine', await this.usage(range)).rows;
  }

  /** Every payment of a UTC day that was signed, oldest first. */
  async paymentsOf(day: string): Promise<SignedPayment[]> {
    // Written out, so that the index on ended holds can be used.
    const ended = sql<boolean>`state in ('settled', 'released', 'expired')`;
    const ends = this.store.reader
      .selectFrom('entry')
      .selectAll('entry')
      .where('day', '=', day)
      .where(ended)
      .where('nonce', 'is not', null);
    const open = this.store.reader
      .selectFrom('open_hold')
      .crossJoin('entry') // an inner join would let SQLite go through every entry that there ever was
      .whereRef('entry.hold_id', '=', 'open_hold.hold_id')
      .whereRef('entry.state', '=', 'open_hold.state')
      .selectAll('entry')
      .where('entry.day', '=', day)
      .where('entry.nonce', 'is not', null);
    const rows = [...(await ends.execute()), ...(await open.execute())].toSorted((one, other) => (one.seq < other.seq ? -1 : 1));
    return rows.flatMap((row) => {
      const authorization = authorizationFrom(row);
      if (!authorization) return [];
      const { hold_id: holdId, machine, transaction_id: transaction } = row;
      const state = row.state as HoldState;
      return [{ holdId, state, machine: machine ?? ONLY_MACHINE, authorization, transaction: transaction ?? undefined }];
    });
  }
}
