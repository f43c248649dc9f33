import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { AuditEvent } from '../../../src/audit/audit-line.js';
import { linesOf, verifyChain } from '../../support/audit-chain.js';
import { type Books, openBooks } from '../../support/open-books.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const event = (model: string): AuditEvent => ({ event: 'upstream_error', model });

describe('the audit, after a transaction that failed,', () => {
  let directory: TemporaryDirectory;
  let books: Books;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    books = await openBooks({ directory: directory.path });
  });
  afterEach(async () => {
    await books.close().catch(() => undefined); // closed already where a test failed half-way
    directory.remove();
  });

  const text = () => readFileSync(books.auditPath, 'utf8');
  const events = () => books.auditLines().map(({ event: name, model }) => model ?? name);

  async function reopen(): Promise<void> {
    await books.close();
    books = await openBooks({ directory: directory.path });
  }

  /** The transaction that a line belongs to fails after the line was written. */
  const rollBack = (model: string) =>
    books.store.write(async (tx) => {
      await books.audit.append(tx, event(model));
      throw new Error('the disk is full');
    });

  it('cuts its line off again, and says so', async () => {
    await books.audit.record(event('a'));
    await expect(rollBack('lost')).rejects.toMatchObject({ code: 'ledger_unavailable' });
    await books.audit.record(event('b'));
    expect(events()).toEqual(['a', 'b', 'audit_repaired']);
    expect(books.auditLines()[2]).toHaveProperty('discardedBytes', expect.any(Number));
    verifyChain(linesOf(text()));
  });

  it('keeps the lines of those that were written together with it', async () => {
    const write = (model: string) => books.audit.record(event(model));
    const ends = await Promise.allSettled([write('a'), rollBack('lost'), write('b'), rollBack('lost, too'), write('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(events()).toEqual(['a', 'b', 'audit_repaired', 'c', 'audit_repaired']);
    verifyChain(linesOf(text()));
  });

  it('cuts off the lines of all that were in it', async () => {
    await books.audit.record(event('a'));
    const given = () =>
      books.store.write(async (tx) => {
        await books.audit.append(tx, event('lost, too'));
        await sql`insert or rollback into audit_head select * from audit_head`.execute(tx); // as on a full disk
      });
    const ends = await Promise.allSettled([books.audit.record(event('lost')), given(), books.audit.record(event('b'))]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(events()).toEqual(['a', 'b', 'audit_repaired']);
    verifyChain(linesOf(text()));
  });

  it('does so at the next start too', async () => {
    await books.audit.record(event('a'));
    await expect(rollBack('lost')).rejects.toThrow();
    await reopen();
    expect(events()).toEqual(['a', 'audit_repaired']);
    verifyChain(linesOf(text()));
  });

  it('does not repair twice', async () => {
    await expect(rollBack('lost')).rejects.toThrow();
    await books.audit.record(event('a'));
    await reopen();
    await books.audit.record(event('b'));
    expect(events()).toEqual(['a', 'audit_repaired', 'b']);
  });
});
