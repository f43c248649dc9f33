import { AuditChain, type BookFault } from '../audit/audit-chain.js';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import { moveOfLine } from '../ledger/audited-move.js';
import { ledgerSnapshot } from '../ledger/ledger-snapshot.js';
import { LedgerWalk } from '../ledger/ledger-walk.js';
import type { SqlStore } from '../store/sql-store.js';

export interface AuditVerdict {
  /** Whether the audit is whole and unchanged, and tells the same as the ledger. */
  ok: boolean;
  /** Chained lines that were found right. */
  lines: number;
  /** Lines of the original, ahead of the chain: nothing vouches for them. */
  unchained: number;
  files: number;
  /** Entries of the ledger that were compared. */
  entries: number;
  /** The first thing that is wrong: a line of the audit (`audit.jsonl:12`), an entry, a day or a hold of the ledger. */
  fault?: BookFault;
  /** What is worth knowing and not wrong. */
  notes: string[];
}

/**
 * Compares the audit with itself (each line with its hash and with the line before), with the head that the ledger knows, and line by line
 * with the ledger's entries and totals, as they stood when it began. It only reads: beside a proxy that runs, and where none would start.
 */
export class AuditVerifier {
  constructor(
    private readonly store: SqlStore,
    private readonly auditPath: string,
  ) {}

  /**
   * Once the signal is aborted it ends with a verdict on what it has read, which is not `ok` and has no fault.
   * @throws CodedError audit_unavailable when the books cannot be read; books that are wrong are told in the verdict
   */
  async verify(signal?: AbortSignal): Promise<AuditVerdict> {
    try {
      const snapshot = await ledgerSnapshot(this.store);
      const chain = new AuditChain(this.auditPath, snapshot.head);
      const ledger = new LedgerWalk(this.store, snapshot);
      const fault = await firstFault({ chain, ledger }, signal);
      const { lines, unchained, files, notes, missingBytes } = chain;
      if (missingBytes > 0 && missingBytes <= snapshot.copiedBytes)
        notes.push('The ledger has a copy of what is cut: a power cut may have taken it, and the proxy puts it back when it starts.');
      return {
        ok: fault === undefined && !signal?.aborted,
        lines,
        unchained,
        files,
        entries: ledger.entries,
        ...(fault && { fault }),
        notes,
      };
    } catch (cause) {
      const reason = reasonOf(cause);
      throw new CodedError('audit_unavailable', `The books cannot be compared (${reason}). Check the files' rights and the disk.`, {
        cause,
      });
    }
  }
}

async function firstFault(
  { chain, ledger }: { chain: AuditChain; ledger: LedgerWalk },
  signal?: AbortSignal,
): Promise<BookFault | undefined> {
  for await (const records of chain.read()) {
    if (signal?.aborted) return undefined;
    for (const { where, facts } of records) {
      const move = moveOfLine(facts);
      const fault = move && (await ledger.follow({ where, move }));
      if (fault) return fault;
    }
  }
  return chain.fault ?? ledger.finish();
}
