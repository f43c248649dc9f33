import type { BookFault } from '../audit/audit-chain.js';
import type { SqlStore } from '../store/sql-store.js';
import { type AuditedMove, describeMove, isSameMove, moveOfEntry } from './audited-move.js';
import type { Entry } from './ledger-queries.js';
import { LedgerFold } from './ledger-fold.js';
import { holdFrom } from './ledger-rows.js';
import type { LedgerSnapshot } from './ledger-snapshot.js';

const PAGE_ROWS = 500;

type EntryFacts = Pick<Entry, 'seq' | 'hold_id' | 'step' | 'state' | 'day' | 'amount' | 'model' | 'audited_by' | 'client'>;

/** The ledger's entries up to a snapshot, walked in step with the moves that the audit tells of, and added up on the way. */
export class LedgerWalk {
  entries = 0;
  private readonly rows: AsyncGenerator<EntryFacts>;
  private readonly fold = new LedgerFold();

  constructor(
    private readonly store: SqlStore,
    private readonly snapshot: LedgerSnapshot,
  ) {
    this.rows = entriesUpTo(store, snapshot.lastSeq);
  }

  /** Goes on to the next entry that left a line, which has to be the move that the audit tells of here. Returns what differs first. */
  async follow({ where, move }: { where: string; move: AuditedMove }): Promise<BookFault | undefined> {
    const next = await this.nextMove();
    if (!next) return { where, what: `tells of ${describeMove(move)}, of which the ledger has no entry` };
    if ('what' in next) return next;
    if (isSameMove(next.move, move)) return undefined;
    return { where, what: `tells of ${describeMove(move)}, but entry ${next.seq} of the ledger of ${describeMove(next.move)}` };
  }

  /** The audit tells of no more moves. Returns what the ledger has beyond, or which totals do not fit its entries. */
  async finish(): Promise<BookFault | undefined> {
    const next = await this.nextMove();
    if (!next) return this.fold.faultOfTotals(this.snapshot);
    if ('what' in next) return next;
    return { where: `entry ${next.seq}`, what: `tells of ${describeMove(next.move)}, of which the audit has no line` };
  }

  private async nextMove(): Promise<{ seq: bigint; move: AuditedMove } | BookFault | undefined> {
    for (let row = await this.rows.next(); !row.done; row = await this.rows.next()) {
      const { seq, step, audited_by: auditedBy } = row.value;
      const hold = holdFrom(row.value);
      this.entries += 1;
      const what = this.fold.add(hold, step);
      if (what !== undefined) return { where: `entry ${seq}`, what };
      const move = moveOfEntry(hold);
      const isHere = auditedBy === null || auditedBy === this.store.machine;
      if (move && isHere) return { seq, move };
    }
    return undefined;
  }
}

async function* entriesUpTo(store: SqlStore, lastSeq: bigint): AsyncGenerator<EntryFacts> {
  for (let after = 0n; ;) {
    const page = await store.reader
      .selectFrom('entry')
      .select(['seq', 'hold_id', 'step', 'state', 'day', 'amount', 'model', 'audited_by', 'client'])
      .where('seq', '>', after)
      .where('seq', '<=', lastSeq)
      .orderBy('seq')
      .limit(PAGE_ROWS)
      .execute();
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.seq;
  }
}
