import { describe, expect, it } from '@jest/globals';
import { CommanderError } from 'commander';
import { reportCommand } from '../../../src/commands/report.command.js';

/** What the command says of arguments that it does not take; it never gets as far as the books. */
async function refusal(args: string[]): Promise<string> {
  let said = '';
  const command = reportCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => void (said += text) });
  const failed: unknown = await command.parseAsync(args, { from: 'user' }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(CommanderError);
  expect((failed as CommanderError).exitCode).toBeGreaterThan(0);
  return said;
}

describe('the usage of report', () => {
  it.each([
    [['--days', '0'], /--days.*whole number from 1/],
    [['--days'], /--days.*argument missing/],
    [['--days', '7', '--month'], /--days.*cannot be used with.*--month/],
    [['--month', '--days', '7'], /--days.*cannot be used with.*--month/],
    [['--days', '7', '--from', '2026-06-06', '--to', '2026-06-07'], /--days.*cannot be used with/],
    [['--days', '7', '--to', '2026-06-07'], /--days.*cannot be used with/],
    [['--month', '2026-06', '--to', '2026-06-07'], /--month.*cannot be used with.*--to/],
    [['--month', '--from', '2026-06-01'], /--month.*cannot be used with.*--from/],
    [['--month', '2026-13'], /such as 2026-06/],
    [['--from', '2026-06-06'], /--from and --to must be used together/],
    [['--to', '2026-06-06'], /--from and --to must be used together/],
    [['--from', '2026-06-31', '--to', '2026-07-01'], /must be a UTC day/],
    [['--from', '2026-06-07', '--to', '2026-06-06'], /is after/],
    [['--from', '1000-01-01', '--to', '2026-06-06'], /at most 3660/],
    [['--by', 'colour'], /Allowed choices are day, model, payee, machine, client, status/],
    [['--json', '--csv'], /--json.*cannot be used with.*--csv/],
    [['june'], /too many arguments/],
    [['--weeks', '3'], /unknown option '--weeks'/],
  ])('does not include %j', async (args, says) => {
    expect(await refusal(args)).toMatch(says);
  });
});
