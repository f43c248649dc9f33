import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';
import { queryTemplate } from '../store/query-template.js';
import type { AuditFile } from './audit-file.js';
import { type AuditEvent, CHAIN_START, chainLine, hashOfLine } from './audit-line.js';

/** After so many lines the audit file is synced, and the copies of its lines in the ledger are dropped. */
const LINES_PER_SYNC = 1000;

const NEWLINE = 10;
/** No line of ours is longer. */
const LAST_LINE_BYTES = 8192;

interface ChainHead {
  hash: string;
  bytes: number;
}

/**
 * Appends events to the hash-chained audit file, inside the ledger's own transactions.
 *
 * The head of the chain (last hash, file size) lives in the ledger and moves with the transaction that the line tells of, so the two
 * cannot part: a line of a transaction that failed is cut off again, told by an `audit_repaired` line; lines that a power cut took from
 * the file are put back from the ledger's copy. A file that is shorter than that was cut by somebody, and nothing is paid any more.
 */
@Injectable()
export class AuditLog implements OnApplicationShutdown {
  private readonly queries: ReturnType<typeof auditQueries>;
  private linesSinceSync = 0;
  private known: ChainHead | undefined;

  private constructor(
    private readonly store: SqlStore,
    private readonly file: AuditFile,
    private readonly clock: Clock,
  ) {
    this.queries = auditQueries(store.reader);
  }

  /** Opens the audit, and puts back what a power cut took. @throws CodedError audit_unavailable */
  static async open(parts: { store: SqlStore; file: AuditFile; clock: Clock }): Promise<AuditLog> {
    const log = new AuditLog(parts.store, parts.file, parts.clock);
    await parts.store.write((tx) => log.restore(tx));
    return log;
  }

  /** Writes the event as the next line, as part of the given transaction. @throws CodedError audit_unavailable, so that the transaction fails */
  async append(tx: LedgerTransaction, event: AuditEvent): Promise<void> {
    // The head is remembered; another process may have moved it, and a transaction that failed may have moved it back.
    if (this.known && (await this.link(tx, this.known, event))) return;
    if (!(await this.link(tx, await this.head(tx), event))) throw this.unavailable('its head in the ledger moved under the write lock');
  }

  /** Writes an event that belongs to no ledger transaction. @throws CodedError audit_unavailable | ledger_unavailable */
  async record(event: AuditEvent): Promise<void> {
    await this.store.write((tx) => this.append(tx, event));
  }

  /** Fails while lines could not be appended: the file is shorter than the ledger knows it, or cannot be looked at. @throws CodedError audit_unavailable */
  async verifyHead(): Promise<void> {
    const row = await this.store.reader.selectFrom('audit_head').select('bytes').executeTakeFirst();
    const missing = Number(row?.bytes ?? 0n) - this.attempt(() => this.file.size());
    if (missing > 0) throw this.tooShort(missing);
  }

  onApplicationShutdown(): void {
    this.file.close();
  }

  /** Appends the event after the given head; false, and nothing done, when that is not the head of the chain. */
  private async link(tx: LedgerTransaction, head: ChainHead, event: AuditEvent): Promise<boolean> {
    const { text, hash } = chainLine(event, this.clock.now(), head.hash);
    const line = Buffer.from(`${text}\n`);
    const next = { hash, bytes: head.bytes + line.length };
    const { numAffectedRows } = await tx.executeQuery(this.queries.moveHead({ hash, bytes: BigInt(next.bytes), after: head.hash }));
    if (numAffectedRows !== 1n) return false;
    const discardedBytes = this.attempt(() => this.cutSurplus(head));
    this.attempt(() => this.file.append(line));
    await tx.executeQuery(this.queries.keepLine({ line: line.toString() }));
    this.known = next;
    if (++this.linesSinceSync >= LINES_PER_SYNC) await this.forgetSyncedLines(tx);
    if (discardedBytes > 0) await this.append(tx, { event: 'audit_repaired', discardedBytes });
    return true;
  }

  /** Brings the file to the length that the ledger knows: what is beyond belongs to a transaction that failed. Returns how much that was. */
  private cutSurplus(head: ChainHead): number {
    const surplus = this.file.size() - head.bytes;
    if (surplus < 0) throw this.tooShort(-surplus);
    if (surplus > 0) this.file.cutTo(head.bytes);
    return surplus;
  }

  private async head(tx: LedgerTransaction): Promise<ChainHead> {
    const row = await tx.selectFrom('audit_head').select(['hash', 'bytes']).executeTakeFirst();
    if (row) return { hash: row.hash, bytes: Number(row.bytes) };
    const head = this.attempt(() => this.chainStart());
    await tx
      .insertInto('audit_head')
      .values({ id: 1n, hash: head.hash, bytes: BigInt(head.bytes) })
      .execute();
    return head;
  }

  /** A new ledger: lines that the original wrote stay as they are, ahead of the chain; a chain of ours belongs to a ledger that is gone. */
  private chainStart(): ChainHead {
    const size = this.file.size();
    const end = this.file.before(size, LAST_LINE_BYTES);
    if (end.includes('"prev":"')) {
      throw this.unavailable(
        'it belongs to a ledger that is gone, and a new ledger would forget what that one spent. Restore the ledger file',
      );
    }
    const endsInLine = size === 0 || end.at(-1) === NEWLINE;
    if (!endsInLine) this.file.append(Buffer.from('\n'));
    return { hash: CHAIN_START, bytes: endsInLine ? size : size + 1 };
  }

  /** Puts back the end of the file from the ledger's copy, as far as that reaches. */
  private async restore(tx: LedgerTransaction): Promise<void> {
    const head = await this.head(tx);
    const missing = head.bytes - this.attempt(() => this.file.size());
    if (missing > 0) {
      const tail = await tx.selectFrom('audit_tail').select('line').orderBy('seq').execute();
      const copy = Buffer.from(tail.map(({ line }) => line).join(''));
      if (copy.length >= missing) this.attempt(() => this.file.append(copy.subarray(copy.length - missing)));
    }
    this.attempt(() => this.checkLastLine(head));
    const discardedBytes = this.attempt(() => this.cutSurplus(head));
    if (discardedBytes > 0) await this.append(tx, { event: 'audit_repaired', discardedBytes });
    await this.forgetSyncedLines(tx);
  }

  /** The line that the ledger knows as the last one has to stand, unchanged, where it knows it. */
  private checkLastLine({ hash, bytes }: ChainHead): void {
    if (hash === CHAIN_START || this.file.size() < bytes) return; // no line yet; or too short, which is told as such
    const [line = ''] = this.file.before(bytes, LAST_LINE_BYTES).toString().trimEnd().split('\n').slice(-1);
    if (hashOfLine(line) !== hash) throw new Error('its last line is not the one that this ledger wrote: it was replaced or changed');
  }

  private async forgetSyncedLines(tx: LedgerTransaction): Promise<void> {
    this.attempt(() => this.file.sync());
    await tx.deleteFrom('audit_tail').execute();
    this.linesSinceSync = 0;
  }

  private attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      if (cause instanceof CodedError) throw cause;
      throw this.unavailable(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  private tooShort(missingBytes: number): CodedError {
    return this.unavailable(`it is ${missingBytes} bytes shorter than the ledger knows it: it was cut or replaced`);
  }

  private unavailable(reason: string, cause?: unknown): CodedError {
    return new CodedError(
      'audit_unavailable',
      `The audit ${this.file.path} cannot be used (${reason}). Nothing is paid without it: restore the file or free the disk.`,
      { cause },
    );
  }
}

/** The statements of every line, built and compiled once. */
function auditQueries(db: SqlStore['reader']) {
  return {
    moveHead: queryTemplate<{ hash: string; bytes: bigint; after: string }, unknown>((blank) =>
      db
        .updateTable('audit_head')
        .set({ hash: blank('hash'), bytes: blank('bytes') })
        .where('hash', '=', blank('after')),
    ),
    keepLine: queryTemplate<{ line: string }, unknown>((blank) => db.insertInto('audit_tail').values({ line: blank('line') })),
  };
}
