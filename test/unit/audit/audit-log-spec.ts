import { appendFileSync, chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '../../../src/audit/audit-line.js';
import { linesOf, verifyChain } from '../../support/audit-chain.js';
import { authorization } from '../../support/offers.js';
import { type Books, openBooks } from '../../support/open-books.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const event = (model: string): AuditEvent => ({ event: 'upstream_error', model });
const unavailable = (reason: string) => ({ code: 'audit_unavailable', message: expect.stringContaining(reason) as unknown });

describe('the audit', () => {
  let directory: TemporaryDirectory;
  let books: Books;
  let auditPath: string;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    books = await openBooks({ directory: directory.path });
    auditPath = books.auditPath;
  });
  afterEach(async () => {
    await books.close().catch(() => undefined); // closed already where a test failed half-way
    directory.remove();
  });

  const text = () => readFileSync(auditPath, 'utf8');
  const events = () => books.auditLines().map(({ event: name, model }) => model ?? name);

  async function reopen(meanwhile: () => void = () => undefined): Promise<void> {
    await books.close();
    meanwhile();
    books = await openBooks({ directory: directory.path });
  }

  it('is one chain of lines in their order, over a restart too', async () => {
    await books.audit.record(event('a'));
    await books.audit.record(event('b'));
    await reopen();
    await books.audit.record(event('c'));
    expect(events()).toEqual(['a', 'b', 'c']);
    expect(verifyChain(linesOf(text()))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stays one chain when many write at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => books.audit.record(event(`${index}`))));
    expect(events()).toHaveLength(50);
    verifyChain(linesOf(text()));
  });

  it('stays one chain past the point where the copies of its lines are dropped', async () => {
    for (let index = 0; index < 1005; index += 1) await books.audit.record(event(`${index}`));
    const { kept } = await books.store.reader
      .selectFrom('audit_tail')
      .select(({ fn }) => fn.countAll<bigint>().as('kept'))
      .executeTakeFirstOrThrow();
    expect(kept).toBe(5n);
    verifyChain(linesOf(text()));
  });

  it('is private, also when it was not before', async () => {
    expect(statSync(auditPath).mode & 0o777).toBe(0o600);
    await reopen(() => chmodSync(auditPath, 0o644));
    expect(statSync(auditPath).mode & 0o777).toBe(0o600);
  });

  it('shows any change to a line', async () => {
    for (const model of ['first', 'second', 'third']) await books.audit.record(event(model));
    const lines = linesOf(text());
    for (const [index, line] of lines.entries()) {
      expect(() => verifyChain(lines.with(index, line.replace('upstream_error', 'budget_reject')))).toThrow(`line ${index} was changed`);
      if (index < 2) expect(() => verifyChain(lines.toSpliced(index, 1))).toThrow('does not follow');
    }
  });

  it.each(['{"ts":"2026-06-06T15:0', 'a foreign line\n', '\0\0\0\0'])(
    'cuts off the tail %j that it did not write, and says so',
    async (tail) => {
      await books.audit.record(event('a'));
      await reopen(() => appendFileSync(auditPath, tail));
      await books.audit.record(event('b'));
      expect(events()).toEqual(['a', 'audit_repaired', 'b']);
      expect(books.auditLines()[1]).toHaveProperty('discardedBytes', Buffer.byteLength(tail));
      verifyChain(linesOf(text()));
    },
  );

  it.each([1, 10, 150, 400])('puts the last %d bytes back that a power cut took', async (lost) => {
    for (const model of ['a', 'b', 'c']) await books.audit.record(event(model));
    const whole = text();
    await reopen(() => truncateSync(auditPath, Buffer.byteLength(whole) - lost));
    expect(text()).toBe(whole);
    await books.audit.record(event('d'));
    expect(events()).toEqual(['a', 'b', 'c', 'd']);
    verifyChain(linesOf(text()));
  });

  it('puts every line back when the whole file is gone that was never synced', async () => {
    for (const model of ['a', 'b']) await books.audit.record(event(model));
    const whole = text();
    await reopen(() => truncateSync(auditPath, 0));
    expect(text()).toBe(whole);
  });

  describe('that was cut shorter than a power cut could, or replaced', () => {
    beforeEach(async () => {
      await books.audit.record(event('a'));
      await reopen();
    });

    it.each<[string, (whole: string) => string]>([
      ['begins as it did', (whole) => whole.slice(0, 10)],
      ['is empty', () => ''],
      // Guards against an audit of other content that passes because it is as long as the old one.
      ['is another of the same length', (whole) => whole.replaceAll('"a"', '"b"')],
      ['is a longer one of other content', () => `${'x'.repeat(10_000)}\n`],
    ])('keeps the proxy from starting when what is there %s', async (_name, change) => {
      const whole = text();
      await books.close();
      writeFileSync(auditPath, change(whole));
      const start = openBooks({ directory: directory.path });
      void start.then((wrong) => wrong.close()).catch(() => undefined);
      await expect(start).rejects.toMatchObject(unavailable('The audit'));
      writeFileSync(auditPath, whole);
      books = await openBooks({ directory: directory.path });
    });

    it('refuses every line, and with it every move of the ledger', async () => {
      await books.ledger.place({ id: 'r', model: 'm', maxMicroUsd: 10n, capMicroUsd: 100n });
      truncateSync(auditPath, 10);
      await expect(books.audit.verifyWritable()).rejects.toMatchObject(unavailable('shorter'));
      await expect(books.audit.record(event('b'))).rejects.toMatchObject(unavailable('shorter'));
      await expect(books.ledger.sign('r', authorization(5n))).rejects.toMatchObject(unavailable('shorter'));
      expect(await books.ledger.totals('2026-06-06')).toMatchObject({ heldMicroUsd: 10n, signedMicroUsd: 0n });
      expect(statSync(auditPath).size).toBe(10);
    });
  });

  it('is sound while nothing was cut', async () => {
    await books.audit.record(event('a'));
    await expect(books.audit.verifyWritable()).resolves.toBeUndefined();
  });
});

describe('an audit that was there before the ledger', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  it('is refused when it is a chain: its ledger is gone', async () => {
    const old = await openBooks({ directory: directory.path });
    await old.audit.record(event('a'));
    await old.close();
    const chain = readFileSync(old.auditPath, 'utf8');
    const other = new TemporaryDirectory();
    try {
      writeFileSync(other.file('audit.jsonl'), chain);
      await expect(openBooks({ directory: other.path })).rejects.toMatchObject(unavailable('it belongs to a ledger that is gone'));
      expect(readFileSync(other.file('audit.jsonl'), 'utf8')).toBe(chain);
    } finally {
      other.remove();
    }
  });

  const ORIGINAL = '{"ts":"2026-06-05T10:00:00.000Z","event":"chat_completion","model":"a/b","bookedCostUsd":0.0026}\n'.repeat(3);

  it('keeps the lines of the original ahead of the chain', async () => {
    writeFileSync(directory.file('audit.jsonl'), ORIGINAL);
    const books = await openBooks({ directory: directory.path });
    await books.audit.record(event('a'));
    await books.close();
    const text = readFileSync(books.auditPath, 'utf8');
    expect(text.startsWith(ORIGINAL)).toBe(true);
    expect(linesOf(text)).toHaveLength(4);
    verifyChain(linesOf(text).slice(3));
  });

  // Guards against a first chained line that is glued to an old line which a crash of the original left without its end.
  it('that ends in half a line has that one end before the chain begins', async () => {
    writeFileSync(directory.file('audit.jsonl'), ORIGINAL.slice(0, -1));
    const books = await openBooks({ directory: directory.path });
    await books.audit.record(event('a'));
    await books.close();
    const lines = linesOf(readFileSync(books.auditPath, 'utf8'));
    expect(lines).toHaveLength(4);
    verifyChain(lines.slice(3));
  });
});

describe('two proxies on the same files', () => {
  it('write one chain in turns, and each sees what the other cut off', async () => {
    const directory = new TemporaryDirectory();
    const one = await openBooks({ directory: directory.path });
    const other = await openBooks({ directory: directory.path });
    try {
      await one.audit.record(event('1'));
      await other.audit.record(event('2'));
      await expect(
        other.store.write(async (tx) => {
          await other.audit.append(tx, event('lost'));
          throw new Error('no');
        }),
      ).rejects.toThrow();
      await one.audit.record(event('3'));
      await other.audit.record(event('4'));
      expect(one.auditLines().map(({ event: name, model }) => model ?? name)).toEqual(['1', '2', '3', 'audit_repaired', '4']);
      verifyChain(linesOf(readFileSync(one.auditPath, 'utf8')));
    } finally {
      await one.close();
      await other.close();
      directory.remove();
    }
  });
});
