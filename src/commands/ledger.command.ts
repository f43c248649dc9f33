import { Command, InvalidArgumentError } from 'commander';
import { isLedgerUrl } from '../configuration/environment.js';
import { day } from './arguments.js';
import { BOOKS, explained, type Explanation } from './explained.js';

const EXAMPLE = [
  "ledger move --to 'postgres://owner:secret@db.example/blockrun?sslmode=verify-full'",
  'to a server, for several machines',
] as const;

const MOVE: Explanation = {
  notes: [
    'The ledger that is moved is the one of the settings. Stop every proxy on it before, and change BLOCKRUN_LEDGER_URL after it. Spending is stopped on the ledger that was left, which stays as it was otherwise.',
    "With --day one day's records go along, into a ledger that may have others and may be in use: what was spent on it counts there, once, and the other days and the audit stay where they are.",
  ],
  ...BOOKS,
  differs: 'the audit does not agree with the ledger that was moved',
  examples: [
    EXAMPLE,
    ["ledger move --day 2026-11-27 --to 'postgres://proxy:secret@db.example/blockrun?sslmode=verify-full'", 'one day'],
    ['ledger move --to sqlite:///home/you/.openclaw/blockrun-proxy/moved.sqlite', 'into a file'],
  ],
  seeAlso: ['audit verify', 'resume'],
};

export function ledgerCommand(): Command {
  const ledger = explained(new Command('ledger').description('where the ledger is'), { examples: [EXAMPLE], seeAlso: ['ledger move'] });
  explained(ledger.command('move'), MOVE)
    .description("take the whole ledger or one day's records over to another database, checked record by record")
    .requiredOption('--to <url>', 'an empty database, or a file that is not there yet; with --day also another ledger', place)
    .option('--day <day>', 'only this UTC day, such as 2026-06-06', day)
    .action(async ({ to, day: only }: { to: string; day?: string }) => {
      const { moveTo, moveDayTo } = await import('./move-ledger.js');
      await (only === undefined ? moveTo(to) : moveDayTo(to, only));
    });
  return ledger;
}

function place(text: string): string {
  if (isLedgerUrl(text)) return text;
  throw new InvalidArgumentError(
    'It has to be sqlite:///path/to/file or postgres://user:password@host/database, with ?sslmode=verify-full for a server on another machine.',
  );
}
