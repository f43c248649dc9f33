import { Command } from 'commander';
import { day } from './arguments.js';

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description('find out what became of unresolved payments, and compare what was booked with what left the wallet (BLOCKRUN_RPC_URL)')
    .option('--day <day>', 'the UTC day to compare, such as 2026-06-06 (default: today)', day)
    .option('--json', 'as JSON')
    .action(async (options: { day?: string; json?: true }) => {
      const { reconcile } = await import('./reconcile.js');
      await reconcile(options);
    });
}
