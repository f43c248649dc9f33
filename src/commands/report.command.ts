import { Command, Option } from 'commander';
import { systemClock } from '../clock/clock.js';
import { GROUPINGS } from '../ledger/usage.js';
import { day } from './arguments.js';
import type { Shape } from './report.js';
import { dayCount, month, type RangeOptions, rangeOf } from './report-range.js';

const EXAMPLES = `
Days are UTC days, both ends included. A payment belongs to the day on which its hold was placed.

Examples:
  $ blockrun-openclaw-proxy report                                   the last 7 days, day by day
  $ blockrun-openclaw-proxy report --days 30 --by model              what each model cost in 30 days
  $ blockrun-openclaw-proxy report --days 30 --by client             what each client spent in 30 days
  $ blockrun-openclaw-proxy report --month                           this month so far
  $ blockrun-openclaw-proxy report --month 2026-06 --csv > june.csv  a month for the accountant
  $ blockrun-openclaw-proxy report --from 2026-06-06 --to 2026-06-06 --by status --json

Calls were paid, or answered for nothing. Holds are all that was set aside, whatever came of it.
Ends with 3 where the records do not add up to the totals of their days.`;

export function reportCommand(): Command {
  return new Command('report')
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
    .addHelpText('after', EXAMPLES)
    .action(async (options: RangeOptions & Shape, command: Command) => {
      const range = rangeOf(options, systemClock.now());
      if ('problem' in range) return command.error(`error: ${range.problem}`);
      const { report } = await import('./report.js');
      await report(range, options);
    });
}
