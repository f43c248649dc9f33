import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlStore } from '../../src/store/sql-store.js';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { auditFilesOf, auditRecordsOf } from '../support/audit-files.js';
import { compileSource, SPENDER } from '../support/compiled-source.js';
import { openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

/** A payment is two lines of about 700 bytes together, so that the file is changed at every fourth or so. */
const MAX_BYTES = 3000;

describe('several processes on an audit of small files', () => {
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    directory = new TemporaryDirectory();
    await compileSource(directory.path);
    writeFileSync(directory.file('spender.js'), SPENDER);
    await (await openBooks({ directory: directory.path })).close();
  }, 240_000);
  afterAll(() => directory.remove());

  const auditPath = () => directory.file('audit.jsonl');

  /** Starts a process that spends. `signed` grows by the ids that it says to have signed; it is killed some time after so many of them. */
  function start(name: string, signed: string[], kill: { after: number; withinMs: number }): ChildProcess {
    const args = [directory.file('spender.js'), directory.path, name, `${MAX_BYTES}`];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let count = 0;
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') return void child.stdin.write('begin');
      signed.push(line);
      if (++count === kill.after) setTimeout(() => child.kill('SIGKILL'), kill.withinMs);
    });
    return child;
  }

  it('lose nothing that was signed, whenever they are killed, and are right for the verifier at every moment', async () => {
    const signed: string[] = [];
    const store = await SqlStore.open({ ledgerFile: directory.file('ledger.sqlite'), createsLedger: false });
    const verifier = new AuditVerifier(store, auditPath());
    let verdicts = 0;
    for (let round = 0; round < 4; round += 1) {
      const children = [0, 1, 2].map((index) => {
        const number = 3 * round + index;
        return start(`p${number}`, signed, { after: 1 + number, withinMs: 3 * index + round });
      });
      const exits = children.map((child) => once(child, 'exit'));
      let isOver = false;
      const over = Promise.all(exits).then(() => (isOver = true));
      while (!isOver) {
        expect(await verifier.verify()).toMatchObject({ ok: true });
        verdicts += 1;
        await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
      await over;
      expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    }
    expect(verdicts).toBeGreaterThan(8);
    await store.onApplicationShutdown();

    const books = await openBooks({ directory: directory.path, auditMaxBytes: MAX_BYTES });
    const lines = auditRecordsOf(auditPath()); // after the start, which puts in order what the last of them left
    expect(await new AuditVerifier(books.store, auditPath()).verify()).toMatchObject({ ok: true, lines: lines.length, notes: [] });
    await books.close();
    const told = lines.filter(({ event }) => event === 'payment_signed').map(({ requestId }) => requestId);
    expect(signed.length).toBeGreaterThanOrEqual(12);
    expect(told).toEqual(expect.arrayContaining(signed));
    expect(new Set(told).size).toBe(told.length);
    expect(auditFilesOf(auditPath()).length).toBeGreaterThan(10);
  }, 240_000);
});
