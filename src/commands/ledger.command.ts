import { Command, InvalidArgumentError } from 'commander';
import { isLedgerUrl } from '../configuration/environment.js';

const EXAMPLES = `
The ledger that is moved is the one of the settings. Stop every proxy on it before, and change BLOCKRUN_LEDGER_URL after it.
Spending is stopped on the ledger that was left, which stays as it was otherwise.

Examples:
  $ blockrun-openclaw-proxy ledger move --to 'postgres://owner:secret@db.example/blockrun?sslmode=verify-full'
  $ blockrun-openclaw-proxy ledger move --to sqlite:///home/you/.openclaw/blockrun-proxy/ledger.sqlite`;

export function ledgerCommand(): Command {
  const ledger = new Command('ledger').description('where the ledger is');
  ledger
    .command('move')
    .description('take the whole ledger over to another database, checked record by record')
    .requiredOption('--to <url>', 'an empty database, or a file that is not there yet', place)
    .addHelpText('after', EXAMPLES)
    .action(async ({ to }: { to: string }) => {
      const { moveTo } = await import('./move-ledger.js');
      await moveTo(to);
    });
  return ledger;
}

function place(text: string): string {
  if (isLedgerUrl(text)) return text;
  throw new InvalidArgumentError(
    'It has to be sqlite:///path/to/file or postgres://user:password@host/database, with ?sslmode=verify-full for a server on another machine.',
  );
}
