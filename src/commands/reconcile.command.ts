import { Command } from 'commander';
import { day } from './arguments.js';
import { BOOKS, explained, type Explanation } from './explained.js';

const ABOUT: Explanation = {
  notes: [
    'Without BLOCKRUN_RPC_URL nothing is compared. A payment that was taken although its hold had been released is booked, and spending is stopped until "resume".',
  ],
  settings: ['BLOCKRUN_RPC_URL', 'BLOCKRUN_SOLANA_RPC_URL', ...BOOKS.settings],
  files: BOOKS.files,
  differs: 'books and chain do not agree',
  examples: [
    ['reconcile', 'today'],
    ['reconcile --day 2026-06-06 --json', 'a day that is over, for a program'],
  ],
  seeAlso: ['audit verify', 'resume'],
};

export function reconcileCommand(): Command {
  return explained(new Command('reconcile'), ABOUT)
    .description('find out what became of unresolved payments, and compare what was booked with what left the wallet (BLOCKRUN_RPC_URL)')
    .option('--day <day>', 'the UTC day to compare, such as 2026-06-06 (default: today)', day)
    .option('--json', 'as JSON')
    .action(async (options: { day?: string; json?: true }) => {
      const { reconcile } = await import('./reconcile.js');
      await reconcile(options);
    });
}
