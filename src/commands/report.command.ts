import { Command, Option } from 'commander';
import { systemClock } from '../clock/clock.js';
import { GROUPINGS } from '../ledger/usage.js';
import { day } from './arguments.js';
import { BOOKS, explained, type Explanation } from './explained.js';
import type { Shape } from './report.js';
import { dayCount, month, type RangeOptions, rangeOf } from './report-range.js';

const ABOUT: Explanation = {
  notes: [
    'Days are UTC days, both ends included. A payment belongs to the day on which its hold was placed. Calls were paid, or answered for nothing. Holds are all that was set aside, whatever came of it.',
  ],
  ...BOOKS,
  differs: 'the records do not add up to the totals of their days',
  examples: [
    ['report', 'the last 7 days, day by day'],
    ['report --days 30 --by model', 'what each model cost in 30 days'],
    ['report --days 30 --by client', 'what each client spent in 30 days'],
    ['report --month', 'this month so far'],
    ['report --month 2026-06 --csv > june.csv', 'a month for the accountant'],
    ['report --from 2026-06-06 --to 2026-06-06 --by status --json', 'one day, for a program'],
  ],
  seeAlso: ['budget', 'reconcile'],
};

export function reportCommand(): Command {
  return explained(new Command('report'), ABOUT)
    .description('what was bought and paid, by day, model, payee, machine, client or status')
    .addOption(
      new Option('--days <n>', 'the last n days, today included (default: 7)').argParser(dayCount).conflicts(['month', 'from', 'to']),
    )
    .addOption(new Option('--month [month]', 'a month, such as 2026-06 (default: this one)').argParser(month).conflicts(['from', 'to']))
    .option('--from <day>', 'the first day, such as 2026-06-06', day)
    .option('--to <day>', 'the last day', day)
    .addOption(new Option('--by <what>', 'what to group by').choices(GROUPINGS).default('day'))
    .addOption(new Option('--json', 'as JSON, amounts as decimal strings').conflicts('csv'))
    .option('--csv', 'as CSV (RFC 4180)')
    .action(async (options: RangeOptions & Shape, command: Command) => {
      const range = rangeOf(options, systemClock.now());
      if ('problem' in range) return command.error(`error: ${range.problem}`);
      const { report } = await import('./report.js');
      await report(range, options);
    });
}
