import type { Limits } from '../../src/ledger/limit.js';

/** The clients of these histories, with limits of their own. */
export const CLIENTS = {
  tight: { capMicroUsd: 300n, microUsdPerMinute: 200n, requestsPerMinute: 3n },
  free: {},
} as const satisfies Record<string, Limits>;
export type ClientName = keyof typeof CLIENTS;

/** The limits on all calls together, besides the daily cap. */
export interface LimitsOfAll extends Omit<Limits, 'capMicroUsd'> {
  concurrent?: bigint;
}

/** What one minute has used, as the row says that changed in it last. */
interface MinuteUse {
  minute: bigint;
  requests: bigint;
  signed: bigint;
}

/** What the rows of days, and of clients on days, say of their newest minute. */
export class MinuteModel {
  private readonly rows = new Map<string, MinuteUse>();

  /** What was used in the minute. */
  in(row: string, minute: bigint): MinuteUse {
    const use = this.rows.get(row);
    return use?.minute === minute ? use : { minute, requests: 0n, signed: 0n };
  }

  /** The row changes: what it said of another minute is over. */
  add(row: string, minute: bigint, { requests = 0n, signed = 0n }: Partial<MinuteUse> = {}): void {
    const use = this.in(row, minute);
    this.rows.set(row, { minute, requests: use.requests + requests, signed: use.signed + signed });
  }
}
