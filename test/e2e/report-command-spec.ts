import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { PAYEE } from '../support/offers.js';
import { SpendingHistory } from '../support/spending-history.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const WEEK = ['--from', '2026-06-01', '--to', '2026-06-07'];

const commandOf = (directory: string, args: string[]) => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first`);
  const env = { PATH: process.env.PATH, HOME: directory, BLOCKRUN_LEDGER_FILE: `${directory}/ledger.json` };
  return { argv: [MAIN, 'report', ...args], options: { cwd: directory, env } };
};
const reportIn = (directory: string, args: string[]) => {
  const { argv, options } = commandOf(directory, args);
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { ...options, encoding: 'utf8' });
  return { status, stdout, stderr };
};
describe('the command report', () => {
  let history: SpendingHistory;

  beforeEach(async () => {
    history = await SpendingHistory.begin();
  });
  afterEach(() => history.end());

  const report = (...args: string[]) => reportIn(history.directory.path, args);
  const someCalls = async () => {
    await history.on('2026-06-05T10:00:00Z', { id: 'a', end: 'settled', price: 2600n }, { id: 'b', end: 'free', model: 'xai/grok-4.3' });
    await history.on(
      '2026-06-06T10:00:00Z',
      { id: 'c', end: 'settled', price: 1_000_000n / 25n },
      { id: 'd', end: 'unresolved', price: 7n },
    );
  };

  it('shows the days in a table, with bars, while the books are in use', async () => {
    await someCalls();
    expect(report(...WEEK)).toEqual({
      status: 0,
      stderr: '',
      stdout: `${[
        'Spent by day, 2026-06-01 to 2026-06-07 (UTC)',
        '',
        'Day (UTC)   Calls  Paid    Spent     Unresolved',
        '───────────────────────────────────────────────',
        ...['01', '02', '03', '04'].map((day) => `2026-06-${day}      0     0  $0.00`),
        '2026-06-05      2     1  $0.0026                 █▌',
        '2026-06-06      1     1  $0.04    $0.000007 (1)  ████████████████████████',
        '2026-06-07      0     0  $0.00',
        '───────────────────────────────────────────────',
        'Total           3     2  $0.0426  $0.000007 (1)',
        '',
        'Unresolved: signed, and no proof yet whether it was taken. It keeps counting against the cap of its day.',
      ].join('\n')}\n`,
    });
    await history.on('2026-06-07T10:00:00Z', { id: 'e', end: 'settled', price: 1n });
    expect(report(...WEEK).stdout).toContain('$0.042601');
  });

  it('writes CSV for a spreadsheet', async () => {
    await someCalls();
    const none = '0,0.000000';
    expect(report(...WEEK, '--by', 'model', '--csv')).toEqual({
      status: 0,
      stderr: '',
      stdout:
        'model,holds,calls,paid_calls,spent_usd,unresolved,unresolved_usd,in_flight,in_flight_usd\r\n' +
        `openai/gpt-5.4-mini,3,2,2,0.042600,1,0.000007,${none}\r\n` +
        `xai/grok-4.3,1,1,0,0.000000,${none},${none}\r\n`,
    });
  });

  it('writes JSON for programs, whose total is what the days say', async () => {
    await someCalls();
    const { status, stdout } = report('--month', '2026-06', '--by', 'payee', '--json');
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        ...{ from: '2026-06-01', to: '2026-06-30', by: 'payee' },
        rows: [
          { payee: PAYEE, calls: 2, paidCalls: 2, spentUsd: '0.042600', unresolved: 1, unresolvedUsd: '0.000007' },
          { payee: '(none)', calls: 1, paidCalls: 0, spentUsd: '0.000000' },
        ],
        total: { holds: 4, calls: 3, paidCalls: 2, spentUsd: '0.042600' },
      },
    ]);
  });

  it('tells the last seven days by itself, and this month where no month is named', async () => {
    const now = new Date().toISOString();
    await history.on(now, { id: 'now', end: 'settled', price: 123n });
    const last = JSON.parse(report('--json').stdout) as { rows: { day: string }[] };
    expect(last).toMatchObject({ by: 'day', total: { calls: 1, spentUsd: '0.000123' } });
    expect(last.rows).toHaveLength(7);
    expect(last.rows.map(({ day }) => day)).toContain(now.slice(0, 10));
    expect(JSON.parse(report('--month', '--by', 'status', '--json').stdout)).toMatchObject({
      from: expect.stringMatching(/^\d{4}-\d{2}-01$/),
      rows: expect.arrayContaining([expect.objectContaining({ status: 'settled' })]),
    });
  });

  it('writes nothing: no record, no audit line, no file', async () => {
    await someCalls();
    const { store } = history.books;
    const state = async () => ({
      files: readdirSync(history.directory.path),
      audit: history.books.auditLines(),
      entries: await store.reader.selectFrom('entry').selectAll().execute(),
      days: await store.reader.selectFrom('day').selectAll().execute(),
      instances: await store.reader.selectFrom('instance').selectAll().execute(),
      // Counts up when another connection has changed anything in the file.
      version: (await sql`pragma data_version`.execute(store.reader)).rows,
    });
    const before = await state();
    expect(report(...WEEK).status).toBe(0);
    expect(await state()).toEqual(before);
  });

  it('ends with 3, after the report, where the records and the totals of their days differ', async () => {
    await someCalls();
    await history.books.store.write((tx) => sql`update day set spent = spent + 1 where day = '2026-06-05'`.execute(tx));
    const { status, stdout, stderr } = report(...WEEK, '--json');
    expect([status, JSON.parse(stdout)]).toMatchObject([3, { total: { spentUsd: '0.042600' } }]);
    expect(stderr).toContain('2026-06-05: records of 2600 micro-USD');
    expect(report('--from', '2026-06-06', '--to', '2026-06-07').status).toBe(0);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const { argv, options } = commandOf(history.directory.path, ['--days', '3660', '--csv']);
    const child = spawn(process.execPath, argv, options);
    let errors = '';
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    child.stdout.destroy();
    const [status] = (await once(child, 'exit')) as [number];
    expect([status, errors]).toEqual([0, '']);
  });
});

describe('the command report without a ledger', () => {
  let directory: TemporaryDirectory;

  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  it('says which file it misses, ends with 1, and makes none', () => {
    const { status, stdout, stderr } = reportIn(directory.path, []);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/ledger\.sqlite cannot be used \(there is no such file; is BLOCKRUN_LEDGER_FILE the same/);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('tells wrong usage, ends with 2, and looks at no ledger', () => {
    for (const args of [
      ['--days', '7', '--month'],
      ['--from', '2026-06-07', '--to', '2026-06-06'],
    ]) {
      const { status, stdout, stderr } = reportIn(directory.path, args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^error: .*\n$/);
    }
  });

  it('has help with examples', () => {
    const { status, stdout } = reportIn(directory.path, ['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Examples:[\s\S]*report --month 2026-06 --csv > june\.csv/);
  });
});
