import Database from 'libsql';

export interface LedgerBook {
  /** By nonce, of the holds whose newest record says `settled`. */
  readonly payments: ReadonlyMap<string, bigint>;
  /** Sums over all days of what is kept of each day. */
  readonly days: {
    readonly spent: bigint;
    readonly held: bigint;
    readonly signed: bigint;
    readonly unresolved: bigint;
    readonly calls: bigint;
  };
  /** What the newest record of each hold adds up to, by state. */
  readonly states: ReadonlyMap<string, { readonly holds: bigint; readonly amountMicroUsd: bigint }>;
  readonly entries: bigint;
  readonly openHolds: bigint;
  readonly auditHead: { readonly hash: string; readonly bytes: bigint };
  /** Reasons why the proxies have stopped spending. */
  readonly stops: readonly string[];
}

const NEWEST = 'from entry where step = (select max(step) from entry as other where other.hold_id = entry.hold_id)';

/** Reads the ledger without the proxy's help, when no proxy runs any more. */
export function readLedger(file: string): LedgerBook {
  const database = new Database(file, { readonly: true });
  try {
    database.defaultSafeIntegers(true);
    const all = <Row>(query: string) => database.prepare(query).all() as Row[];
    const one = <Row>(query: string) => all<Row>(query)[0] as Row;
    const settled = all<{ name: string; amount: bigint }>(
      `select coalesce(nonce, hold_id) as name, amount ${NEWEST} and state = 'settled'`,
    );
    const states = all<{ state: string; holds: bigint; amount: bigint }>(
      `select state, count(*) as holds, sum(amount) as amount ${NEWEST} group by state order by state`,
    );
    return {
      payments: new Map(settled.map(({ name, amount }) => [name, amount])),
      days: one(
        'select sum(spent) as spent, sum(held) as held, sum(signed) as signed, sum(unresolved) as unresolved, sum(calls) as calls from day',
      ),
      states: new Map(states.map(({ state, holds, amount: amountMicroUsd }) => [state, { holds, amountMicroUsd }])),
      entries: one<{ count: bigint }>('select count(*) as count from entry').count,
      openHolds: one<{ count: bigint }>('select count(*) as count from open_hold').count,
      auditHead: one('select hash, bytes from audit_head'),
      stops: all<{ reason: string }>('select reason from stop where ended_at is null').map(({ reason }) => reason),
    };
  } finally {
    database.close();
  }
}
