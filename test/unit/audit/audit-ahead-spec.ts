import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '../../../src/audit/audit-line.js';
import { Ahead } from '../../../src/store/ahead.js';
import type { LedgerTransaction } from '../../../src/store/sql-store.js';
import { linesOf, verifyChain } from '../../support/audit-chain.js';
import { type Books, openBooks } from '../../support/open-books.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const event = (model: string): AuditEvent => ({ event: 'upstream_error', model });

describe('statements that go ahead of an audit line', () => {
  let directory: TemporaryDirectory;
  let books: Books;
  const opened: Books[] = [];

  const open = async (at: { auditMaxBytes?: number } = {}) => {
    const one = await openBooks({ directory: directory.path, ...at });
    opened.push(one);
    return one;
  };
  const pin = (tx: LedgerTransaction, seller: string) =>
    tx.insertInto('payee_pin').values({ seller, network: 'eip155:8453', payee: '0x1', pinned_at: 1n }).compile();
  const pins = async () => (await books.store.reader.selectFrom('payee_pin').select('seller').execute()).map(({ seller }) => seller);
  const lines = () => books.auditLines().map(({ event: name, model }) => model ?? name);
  const appendBehind = (seller: string, read: () => Promise<unknown> = () => Promise.resolve()) =>
    books.store.write((tx) => books.audit.append(tx, event(seller), new Ahead([pin(tx, seller)], read)));

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    books = await open();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    directory.remove();
  });

  it('are written with it', async () => {
    await appendBehind('a');
    expect(await pins()).toEqual(['a']);
    expect(lines()).toEqual(['a']);
  });

  it('run once where another process has moved the head of the chain meanwhile', async () => {
    const other = await open();
    await books.audit.record(event('first'));
    await other.audit.record(event('of the other'));
    await appendBehind('a');
    expect(await pins()).toEqual(['a']);
    expect(lines()).toEqual(['first', 'of the other', 'a']);
    verifyChain(linesOf(readFileSync(books.auditPath, 'utf8')));
  });

  it('leave nothing behind where they did not do what they should, and no line', async () => {
    await expect(appendBehind('a', () => Promise.reject(new Error('not so')))).rejects.toThrow('not so');
    expect(await pins()).toEqual([]);
    expect(lines()).toEqual([]);
    await appendBehind('b');
    expect(lines()).toEqual(['b']);
  });

  it('run before the line begins a new file, so that none is begun for what did not happen', async () => {
    await books.close();
    opened.length = 0;
    books = await open({ auditMaxBytes: 400 });
    await books.audit.record(event('a'));
    await books.audit.record(event('b'));
    const files = () => readdirSync(directory.path).filter((name) => name.startsWith('audit'));
    const before = files();
    await expect(appendBehind('c', () => Promise.reject(new Error('not so')))).rejects.toThrow('not so');
    expect(files()).toEqual(before);
    await appendBehind('d');
    expect(files()).toHaveLength(before.length + 1);
    expect(await pins()).toEqual(['d']);
    expect(lines()).toEqual(['audit_continued', 'd']);
  });
});
