import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditVerifier } from '../../src/verification/audit-verifier.js';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { usageReport } from '../../src/ledger/usage.js';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { linesOf, verifyChain } from '../support/audit-chain.js';
import { compileSource, SHARED_SPENDER } from '../support/compiled-source.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const MACHINES = ['alpha', 'beta', 'gamma', 'delta'];
const CALLS_EACH = 125;
const PAYABLE_CALLS = 50;
const PRICE = 1000n;

describe('machines that share one ledger', () => {
  let server: PostgresServer;
  let directory: TemporaryDirectory;

  beforeAll(async () => {
    server = await PostgresServer.start();
    directory = new TemporaryDirectory();
    await compileSource(directory.path);
    writeFileSync(directory.file('spender.js'), SHARED_SPENDER);
  }, 240_000);
  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  /** How many purchases each of the machines made. They begin together. */
  async function spend(url: string): Promise<number[]> {
    const cap = String(PRICE * BigInt(PAYABLE_CALLS));
    const children = MACHINES.map((machine) =>
      spawn(process.execPath, [directory.file('spender.js'), directory.path, machine, url, String(CALLS_EACH), cap], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const waiting = new Set(children);
    return Promise.all(
      children.map(async (child) => {
        const exited = once(child, 'exit');
        let bought = NaN;
        for await (const line of createInterface(child.stdout)) {
          if (line !== 'ready') bought = Number(line);
          else if (waiting.delete(child) && waiting.size === 0) for (const each of children) each.stdin.write('begin');
        }
        expect(await exited).toEqual([0, null]);
        return bought;
      }),
    );
  }

  it('make a cap for fifty into exactly fifty payments out of 500 calls at once, and each writes an audit that its ledger confirms', async () => {
    const url = await server.database();
    const bought = await spend(url);
    expect(bought.reduce((sum, count) => sum + count, 0)).toBe(PAYABLE_CALLS);
    let lines = 0;
    for (const [index, machine] of MACHINES.entries()) {
      const store = await SqlStore.on({ name: 'shared', machine, createsLedger: false }, () => new PostgresEngine(url));
      const path = directory.file(`${machine}.jsonl`);
      expect(await new AuditVerifier(store, path).verify()).toMatchObject({ ok: true });
      const records = linesOf(readFileSync(path, 'utf8'));
      verifyChain(records);
      lines += records.length;
      const day = await store.reader.selectFrom('day').selectAll().executeTakeFirstOrThrow();
      expect(day).toMatchObject({ spent: PRICE * BigInt(PAYABLE_CALLS), held: 0n, signed: 0n, unresolved: 0n });
      const own = await store.reader.selectFrom('entry').select('hold_id').where('machine', '=', machine).where('step', '=', 0n).execute();
      expect(own).toHaveLength(bought[index]!);
      const other = directory.file(`${MACHINES.find((name) => name !== machine)!}.jsonl`);
      expect(await new AuditVerifier(store, other).verify()).toMatchObject({ ok: false });
      const range = { from: day.day, to: day.day };
      const { rows } = usageReport(range, 'machine', await new LedgerReader(store).usage(range));
      expect(rows.find(({ label }) => label === machine)?.usage.paidCalls ?? 0).toBe(bought[index]);
      await store.onApplicationShutdown();
    }
    expect(lines).toBe(2 * PAYABLE_CALLS);
  }, 240_000);
});
