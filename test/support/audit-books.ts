import { basename } from 'node:path';
import type { AuditFile } from '../../src/audit/audit-file.js';
import type { AuditEvent } from '../../src/audit/audit-line.js';
import { type AuditVerdict, AuditVerifier } from '../../src/verification/audit-verifier.js';
import { auditFilesOf, auditRecordsOf } from './audit-files.js';
import { type Books, openBooks } from './open-books.js';
import { TemporaryDirectory } from './temporary-directory.js';

/** Room for four of the lines of `AuditBooks`. */
const FOUR_LINES = 1000;

export const eventOf = (model: string): AuditEvent => ({ event: 'upstream_error', model });

/** `m0`, `m1` … up to, and without, the given number. */
export const models = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `m${from + index}`);

/** A directory of a test's own with an audit of small files, which several proxies may have open. */
export class AuditBooks {
  readonly directory = new TemporaryDirectory();
  readonly path = this.directory.file('audit.jsonl');
  private readonly opened = new Set<Books>();

  constructor(private readonly auditMaxBytes = FOUR_LINES) {}

  async open(auditFile?: (path: string) => AuditFile): Promise<Books> {
    const books = await openBooks({ directory: this.directory.path, auditMaxBytes: this.auditMaxBytes, ...(auditFile && { auditFile }) });
    this.opened.add(books);
    return books;
  }

  async close(books: Books): Promise<void> {
    this.opened.delete(books);
    await books.close();
  }

  async remove(): Promise<void> {
    for (const books of this.opened) await this.close(books);
    this.directory.remove();
  }

  async record(books: Books, ...names: string[]): Promise<void> {
    for (const name of names) await books.audit.record(eventOf(name));
  }

  files(): string[] {
    return auditFilesOf(this.path).map((file) => basename(file));
  }

  /** What was recorded, in its order, whichever file it is in. @throws when the files are not one chain */
  recorded(): unknown[] {
    return auditRecordsOf(this.path).flatMap(({ event, model }) => (event === 'audit_continued' ? [] : [model ?? event]));
  }

  verify(books: Books): Promise<AuditVerdict> {
    return new AuditVerifier(books.store, this.path).verify();
  }

  /** What the verifier says of books that are right; how much there is comes from a walk that knows nothing of the code. */
  sound(): Partial<AuditVerdict> {
    return { ok: true, lines: auditRecordsOf(this.path).length, files: this.files().length, notes: [] };
  }
}
