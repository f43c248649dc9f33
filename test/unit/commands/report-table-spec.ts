import { describe, expect, it } from '@jest/globals';
import { bar, reportTable } from '../../../src/commands/report-table.js';
import { PAYEE } from '../../support/offers.js';
import { reportOf, usage } from './usage-facts.js';

const DAYS = reportOf('day', {
  '2026-06-05': usage({ holds: 3, calls: 3, paidCalls: 2, spentMicroUsd: 1_000_000n }),
  '2026-06-06': usage({ holds: 1200, calls: 1200, paidCalls: 1100, spentMicroUsd: 260_001n }),
  '2026-06-07': usage(),
});
const OPEN = reportOf('payee', {
  [PAYEE]: usage({ holds: 12, calls: 1, paidCalls: 1, spentMicroUsd: 2600n, unresolved: 11, unresolvedMicroUsd: 500_000n }),
  '(none)': usage({ holds: 2, inFlight: 2, inFlightMicroUsd: 60_000n }),
});

/** The lines from the head of the table to its total. */
const tableOf = (text: string) => text.split('\n\n')[1]!.split('\n');

describe('a report in a terminal', () => {
  it('has its days, a line a group, a bar for what was spent, and a total', () => {
    expect(reportTable(DAYS, 100).split('\n')).toEqual([
      'Spent by day, 2026-06-01 to 2026-06-07 (UTC)',
      '',
      'Day (UTC)   Calls  Paid      Spent',
      '──────────────────────────────────',
      '2026-06-05      3     2  $1.00      ████████████████████████',
      '2026-06-06   1200  1100  $0.260001  ██████▏',
      '2026-06-07      0     0  $0.00',
      '──────────────────────────────────',
      'Total        1203  1102  $1.260001',
    ]);
  });

  it('tells what is unresolved and in flight, with how many, and what these words mean', () => {
    expect(reportTable(OPEN, 120).split('\n')).toEqual([
      'Spent by payee, 2026-06-01 to 2026-06-07 (UTC)',
      '',
      'Payee                                       Calls  Paid    Spent  Unresolved  In flight',
      '───────────────────────────────────────────────────────────────────────────────────────',
      `${PAYEE}      1     1  $0.0026  $0.50 (11)             ████████████████████████`,
      '(none)                                          0     0  $0.00                $0.06 (2)',
      '───────────────────────────────────────────────────────────────────────────────────────',
      'Total                                           1     1  $0.0026  $0.50 (11)  $0.06 (2)',
      '',
      'Unresolved: signed, and no proof yet whether it was taken. It keeps counting against the cap of its day.',
      'In flight: set aside for calls that have not ended.',
      '(none): nothing was signed, or it is from the ledger.json of before, which names no payees.',
    ]);
  });

  it('by status has the number of holds, and no bars, since only what is settled is spent', () => {
    const text = reportTable(
      reportOf('status', { settled: usage({ holds: 2, calls: 2, paidCalls: 2, spentMicroUsd: 30n }), released: usage({ holds: 7 }) }),
      100,
    );
    expect(tableOf(text)).toEqual([
      'Status    Holds  Calls  Paid     Spent',
      '──────────────────────────────────────',
      'settled       2      2     2  $0.00003',
      'released      7      0     0  $0.00',
      '──────────────────────────────────────',
      'Total         9      2     2  $0.00003',
    ]);
  });

  it('says of what was taken over where it comes from', () => {
    expect(reportTable(reportOf('model', { '(taken over)': usage({ holds: 1, calls: 4, spentMicroUsd: 5n }) }), 100)).toContain(
      'ledger.json',
    );
    expect(reportTable(DAYS, 100)).not.toContain('ledger.json');
  });

  it('of nothing has a total of nothing', () => {
    expect(tableOf(reportTable(reportOf('model', {}), 100)).at(-1)).toBe('Total      0     0  $0.00');
  });

  it.each([120, 100, 80, 70, 61])('keeps its table within %d columns', (width) => {
    for (const report of [DAYS, OPEN]) {
      const lines = tableOf(reportTable(report, width));
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  it('gives up its bars first, then shortens names in the middle, and never its figures', () => {
    expect(reportTable(DAYS, 41)).toContain('█████');
    expect(reportTable(DAYS, 39)).not.toContain('█');
    const narrow = reportTable(OPEN, 61);
    expect(narrow).toContain('0xe90300…16c1aBf ');
    expect(narrow).not.toContain('█');
    expect(reportTable(OPEN, 1)).toMatch(/0xe90…1aBf {6}1 {5}1 {2}\$0\.0026 {2}\$0\.50 \(11\)/);
  });

  it('puts every bar into one column, and shows whatever is more than nothing', () => {
    const bars = [bar(0n, 10n, 8), bar(1n, 1_000_000n, 8), bar(10n, 10n, 8), bar(5n, 10n, 8), bar(3n, 16n, 2)];
    expect(bars).toEqual(['', '▏', '████████', '████', '▍']);
    const columns = tableOf(reportTable(DAYS, 100)).flatMap((line) => (line.includes('█') ? [line.indexOf('█')] : []));
    expect(new Set(columns).size).toBe(1);
  });

  it('lets no name steer the terminal', () => {
    const text = reportTable(reportOf('payee', { '\u001b[2J\n0x1\u202e': usage({ holds: 1 }) }), 100);
    expect(text).toContain('?[2J?0x1?');
    expect(text.split('\n')).toHaveLength(7);
  });
});
