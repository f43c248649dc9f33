import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { CompiledQuery, QueryResult } from 'kysely';
import { Clock } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import { type Ahead, NOTHING_AHEAD } from '../store/ahead.js';
import type { LedgerTransaction, SqlStore } from '../store/sql-store.js';
import type { AuditFile } from './audit-file.js';
import { type AuditEvent, chainLine } from './audit-line.js';
import { AuditParts, LedgerWentBack } from './audit-parts.js';
import { auditQueries } from './audit-queries.js';
import type { ChainHead } from './chain-head.js';

/** After so many lines the audit file is synced, and the copies of its lines in the ledger are dropped. */
const LINES_PER_SYNC = 1000;

/** A line as it goes into the file. */
interface NextLine {
  hash: string;
  bytes: Buffer;
}

/**
 * Appends events to the hash-chained audit file, inside the ledger's own transactions.
 *
 * The head of the chain (last hash, part, file size) lives in the ledger and moves with the transaction that the line tells of, so the
 * two cannot part: a line of a transaction that failed is cut off again, told by an `audit_repaired` line; lines that a power cut took
 * from the file are put back from the ledger's copy. A file that is shorter than that was cut by somebody, and nothing is paid any more.
 * A file that is full is closed for ever, and the chain goes on in a new one (`AuditParts`).
 */
@Injectable()
export class AuditLog implements OnApplicationShutdown {
  private readonly queries: ReturnType<typeof auditQueries>;
  private linesSinceSync = 0;
  private known: ChainHead | undefined;
  /** The transaction that last began a new file. One begins at most one: more could not be undone where it fails. */
  private begunIn: LedgerTransaction | undefined;

  private constructor(
    private readonly store: SqlStore,
    private readonly parts: AuditParts,
    private readonly clock: Clock,
  ) {
    this.queries = auditQueries(store.reader);
  }

  /**
   * Opens the audit, puts back what a power cut took, and undoes a change of files that was not committed. A line that would make the
   * file larger than `maxBytes` begins a new one. @throws CodedError audit_unavailable
   */
  static async open(parts: { store: SqlStore; file: AuditFile; clock: Clock; maxBytes: number }): Promise<AuditLog> {
    const log = new AuditLog(
      parts.store,
      new AuditParts(parts.file, parts.maxBytes, parts.store.keepsConfirmed ? 1 : Infinity),
      parts.clock,
    );
    await parts.store.write((tx) => log.restore(tx));
    return log;
  }

  /**
   * Writes the event as the next line, as part of the given transaction, once the statements `ahead` have done what they should.
   * @throws CodedError audit_unavailable, so that the transaction fails
   */
  async append(tx: LedgerTransaction, event: AuditEvent, ahead: Ahead = NOTHING_AHEAD): Promise<void> {
    try {
      await this.appendAfterHead(tx, event, ahead);
    } catch (error) {
      // Once this transaction is over. The record of it is a stop, so that an operator looks before anybody pays again.
      if ((error as Error).cause instanceof LedgerWentBack) setImmediate(() => void this.verifyWritable().catch(() => undefined));
      throw error;
    }
  }

  private async appendAfterHead(tx: LedgerTransaction, event: AuditEvent, ahead: Ahead): Promise<void> {
    // The head is remembered; another process may have moved it, and a transaction that failed may have moved it back.
    if (this.known && (await this.link(tx, this.known, { event, ahead }))) return;
    if (!(await this.link(tx, await this.head(tx), { event, ahead })))
      throw this.unavailable('its head in the ledger moved under the write lock');
  }

  /** Writes an event that belongs to no ledger transaction. @throws CodedError audit_unavailable | ledger_unavailable */
  async record(event: AuditEvent): Promise<void> {
    await this.store.write((tx) => this.append(tx, event));
  }

  /**
   * Fails while lines could not be appended: the file is shorter than the ledger knows it, or cannot grow; or the ledger cannot be written.
   * Where the ledger has lost records, spending is stopped, and the lines of them are put aside.
   * @throws CodedError audit_unavailable | ledger_unavailable
   */
  async verifyWritable(): Promise<void> {
    await this.store.write(async (tx) => {
      const head = await this.head(tx);
      await tx.updateTable('audit_head').set({ hash: head.hash }).where('machine', '=', this.store.machine).execute(); // the ledger's turn: a statement that needs its disk
      const lostBytes = await this.setLostAside(tx, head);
      const discardedBytes = this.attempt(() => this.parts.cutSurplus(head));
      this.attempt(() => this.parts.probe(head));
      await this.tellRepair(tx, lostBytes + discardedBytes);
    });
  }

  onApplicationShutdown(): void {
    this.parts.close();
  }

  /** Appends the event after the given head; false, and nothing done, when that is not the head of the chain. */
  private async link(tx: LedgerTransaction, head: ChainHead, { event, ahead }: { event: AuditEvent; ahead: Ahead }): Promise<boolean> {
    const line = { ...this.lineAfter(head, event), ahead };
    if (tx === this.begunIn || !this.parts.isFull(head, line.bytes.length)) return this.write(tx, head, line);
    await ahead.run(tx);
    const begun = await this.continueInNewFile(tx, head);
    return begun !== undefined && this.write(tx, begun, { ...this.lineAfter(begun, event), ahead });
  }

  private async write(tx: LedgerTransaction, head: ChainHead, { hash, bytes, ahead }: NextLine & { ahead: Ahead }): Promise<boolean> {
    const next = { hash, bytes: head.bytes + bytes.length, part: head.part };
    const [moved, kept] = (await ahead.run(tx, [this.headMove(head, next), this.lineCopy({ hash, bytes })])).map(isDone);
    if (moved && !kept) throw this.unavailable('the ledger has no copy of its last line');
    if (!moved) {
      // Another process has written the same line after the same head, in the same millisecond: this one comes after that.
      if (kept) await this.dropNewestCopy(tx);
      return false;
    }
    const discardedBytes = this.attempt(() => this.parts.cutSurplus(head));
    this.attempt(() => this.parts.append(bytes));
    this.known = next;
    if (++this.linesSinceSync >= LINES_PER_SYNC) await this.forgetSyncedLines(tx);
    await this.tellRepair(tx, discardedBytes);
    return true;
  }

  /** Closes the head's file and begins the next one. Returns the head in that; undefined, and nothing done, as `link`. */
  private async continueInNewFile(tx: LedgerTransaction, head: ChainHead): Promise<ChainHead | undefined> {
    const { hash, bytes } = this.lineAfter(head, this.parts.continuation(head));
    const next = { hash, bytes: bytes.length, part: head.part + 1 };
    if (!isDone(await tx.executeQuery(this.headMove(head, next)))) return undefined;
    // What has committed before is on disk before files change their names: a power cut can then undo this change, but no earlier one.
    await this.store.durable();
    const discardedBytes = this.attempt(() => this.parts.cutSurplus(head));
    this.attempt(() => this.parts.begin(next, bytes));
    await this.forgetLines(tx); // the closed file is synced
    await tx.executeQuery(this.lineCopy({ hash, bytes }));
    this.linesSinceSync = 1;
    this.known = next;
    this.begunIn = tx;
    await this.tellRepair(tx, discardedBytes);
    return this.known;
  }

  private lineAfter(head: ChainHead, event: AuditEvent): NextLine {
    const { text, hash } = chainLine(event, this.clock.now(), head.hash);
    return { hash, bytes: Buffer.from(`${text}\n`) };
  }

  /** Moves the head on, if it is still where it was. */
  private headMove(from: ChainHead, { hash, bytes, part }: ChainHead): CompiledQuery<unknown> {
    return this.queries.moveHead({ machine: this.store.machine, hash, bytes: BigInt(bytes), part: BigInt(part), after: from.hash });
  }

  /** Puts a copy of the line into the ledger, if its head is that line now. */
  private lineCopy({ hash, bytes }: NextLine): CompiledQuery<unknown> {
    return this.queries.keepLine({ machine: this.store.machine, hash, line: bytes.toString() });
  }

  private async tellRepair(tx: LedgerTransaction, discardedBytes: number): Promise<void> {
    if (discardedBytes > 0) await this.append(tx, { event: 'audit_repaired', discardedBytes });
  }

  private async head(tx: LedgerTransaction): Promise<ChainHead> {
    const row = await tx
      .selectFrom('audit_head')
      .select(['hash', 'bytes', 'part'])
      .where('machine', '=', this.store.machine)
      .executeTakeFirst();
    if (row) return { hash: row.hash, bytes: Number(row.bytes), part: Number(row.part) };
    const head = this.attempt(() => this.parts.start());
    await tx
      .insertInto('audit_head')
      .values({ machine: this.store.machine, hash: head.hash, bytes: BigInt(head.bytes), part: BigInt(head.part) })
      .execute();
    return head;
  }

  /** Puts back the end of the file from the ledger's copy, as far as that reaches. */
  private async restore(tx: LedgerTransaction): Promise<void> {
    const head = await this.head(tx);
    const { missingBytes, undoneBytes } = this.attempt(() => this.parts.open(head));
    if (missingBytes > 0) {
      const tail = await tx.selectFrom('audit_tail').select('line').where('machine', '=', this.store.machine).orderBy('seq').execute();
      const copy = Buffer.from(tail.map(({ line }) => line).join(''));
      if (copy.length >= missingBytes) this.attempt(() => this.parts.append(copy.subarray(copy.length - missingBytes)));
    }
    this.attempt(() => this.parts.checkLastLine(head));
    const lostBytes = await this.setLostAside(tx, head);
    const surplusBytes = this.attempt(() => this.parts.cutSurplus(head));
    await this.tellRepair(tx, undoneBytes + lostBytes + surplusBytes);
    await this.forgetSyncedLines(tx);
  }

  private async setLostAside(tx: LedgerTransaction, head: ChainHead): Promise<number> {
    const lost = this.attempt(() => this.parts.setLostAside(head));
    if (!lost) return 0;
    const reason = `the ledger lacks ${lost.moves} records of machine ${this.store.machine}, whose lines are in ${lost.file}: it was put back, or failed over; run reconcile`;
    await tx
      .insertInto('stop')
      .values({ at: BigInt(this.clock.now().getTime()), reason })
      .execute();
    return lost.bytes;
  }

  private async forgetSyncedLines(tx: LedgerTransaction): Promise<void> {
    this.attempt(() => this.parts.sync());
    await this.forgetLines(tx);
    this.linesSinceSync = 0;
  }

  private async dropNewestCopy(tx: LedgerTransaction): Promise<void> {
    const { machine } = this.store;
    const newest = tx
      .selectFrom('audit_tail')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .where('machine', '=', machine);
    await tx.deleteFrom('audit_tail').where('machine', '=', machine).where('seq', '=', newest).execute();
  }

  private async forgetLines(tx: LedgerTransaction): Promise<void> {
    await tx.deleteFrom('audit_tail').where('machine', '=', this.store.machine).execute();
  }

  private attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw this.unavailable(reasonOf(cause), cause);
    }
  }

  private unavailable(reason: string, cause?: unknown): CodedError {
    return new CodedError(
      'audit_unavailable',
      `The audit ${this.parts.path} cannot be used (${reason}). Nothing is paid without it: restore the file or free the disk.`,
      { cause },
    );
  }
}

function isDone({ numAffectedRows }: QueryResult<unknown>): boolean {
  return numAffectedRows === 1n;
}
