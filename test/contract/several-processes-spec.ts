import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countedMicroUsd } from '../../src/ledger/hold.js';
import { linesOf, verifyChain } from '../support/audit-chain.js';
import { compileSource, SPENDER } from '../support/compiled-source.js';
import { openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const CAP = 100_000n;

describe('several processes on the same books', () => {
  let directory: TemporaryDirectory;

  beforeAll(async () => {
    directory = new TemporaryDirectory();
    await compileSource(directory.path);
    writeFileSync(directory.file('spender.js'), SPENDER);
  }, 240_000);
  afterAll(() => directory.remove());

  function stateDirectory(name: string): string {
    mkdirSync(directory.file(name));
    return directory.file(name);
  }

  /** The ids that each of the processes said to have signed, once all have ended. They begin together; some are killed after so many. */
  async function spend(state: string, killedAfter: Record<string, number>): Promise<Record<string, string[]>> {
    const children = Object.keys(killedAfter).map((name) => ({
      name,
      child: spawn(process.execPath, [directory.file('spender.js'), state, name], { stdio: ['pipe', 'pipe', 'ignore'] }),
    }));
    const waiting = new Set(children);
    const signed: Record<string, string[]> = {};
    await Promise.all(
      children.map(async (one) => {
        const { name, child } = one;
        const ids: string[] = (signed[name] = []);
        const exited = once(child, 'exit');
        for await (const line of createInterface(child.stdout)) {
          if (line !== 'ready') ids.push(line);
          else if (waiting.delete(one) && waiting.size === 0) for (const { child: each } of children) each.stdin.write('begin');
          if (ids.length === killedAfter[name]) child.kill('SIGKILL');
        }
        const [code] = (await exited) as [number | null];
        expect({ name, code }).toEqual({ name, code: killedAfter[name] === Infinity ? 0 : null });
      }),
    );
    return signed;
  }

  /** Day totals, and the newest state of each hold; the chain has been verified. */
  async function audited(state: string) {
    const books = await openBooks({ directory: state });
    const days = await books.ledger.allTotals();
    const entries = await books.store.reader.selectFrom('entry').select(['hold_id', 'state', 'amount']).orderBy('step').execute();
    const lines = books.auditLines();
    await books.close();
    verifyChain(linesOf(readFileSync(books.auditPath, 'utf8')));
    return { days, newest: new Map(entries.map(({ hold_id: id, ...facts }) => [id, facts])), lines };
  }

  /** Books that are there already, so that a test is not about their first start. */
  async function stateWithBooks(name: string): Promise<string> {
    const state = stateDirectory(name);
    await (await openBooks({ directory: state })).close();
    return state;
  }

  it('spend one cap together to its last micro-USD, and write one chain', async () => {
    const state = await stateWithBooks('shared');
    const signed = Object.values(await spend(state, { one: Infinity, two: Infinity, three: Infinity })).flat();
    const { days, newest, lines } = await audited(state);
    for (const day of days) expect(countedMicroUsd(day) <= CAP).toBe(true);
    // A process ends when holds of the others leave no room: what it leaves unspent is less than such holds.
    const spent = days.reduce((sum, day) => sum + day.spentMicroUsd, 0n);
    expect([...newest.values()].reduce((sum, { amount }) => sum + amount, 0n)).toBe(spent);
    expect(spent > CAP - 3n * 700n).toBe(true);
    expect(new Set(signed)).toEqual(new Set(newest.keys()));
    expect(lines.filter(({ event }) => event === 'payment_signed')).toHaveLength(signed.length);
    expect(lines.filter(({ event }) => event === 'chat_completion')).toHaveLength(signed.length);
  }, 240_000);

  it.each([1, 7, 40])(
    'lose nothing that was signed when one is killed after %d',
    async (enough) => {
      const state = await stateWithBooks(`killed-${enough}`);
      const { killed: signed = [] } = await spend(state, { killed: enough, other: Infinity });
      const { days, newest, lines } = await audited(state);
      expect(signed.length).toBeGreaterThanOrEqual(enough);
      for (const id of signed) {
        expect(['signed', 'settled']).toContain(newest.get(id)?.state);
        expect(lines.some(({ event, requestId }) => event === 'payment_signed' && requestId === id)).toBe(true);
      }
      const counted = days.reduce((sum, day) => sum + countedMicroUsd(day), 0n);
      expect([...newest.values()].reduce((sum, { amount }) => sum + amount, 0n)).toBe(counted);
    },
    60_000,
  );

  // Guards against migrations without a lock: whoever comes second finds tables that are there already, and does not start.
  it('can make the books for the first time together', async () => {
    const state = stateDirectory('new');
    const signed = await spend(state, { one: Infinity, two: Infinity, three: Infinity, four: Infinity });
    expect(Object.values(signed).flat().length).toBeGreaterThan(0);
  }, 240_000);
});
