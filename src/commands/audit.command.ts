import { Command } from 'commander';
import { BOOKS, explained, type Explanation } from './explained.js';

const EXAMPLES = [['audit verify', 'all files of the audit of this machine']] as const;

const VERIFY: Explanation = {
  notes: ['It only reads, and works while the proxy runs and on books that no proxy would start on.'],
  ...BOOKS,
  differs: 'a line is wrong, or audit and ledger do not agree',
  examples: EXAMPLES,
  seeAlso: ['reconcile', 'doctor'],
};

export function auditCommand(): Command {
  const audit = explained(new Command('audit').description('prove the audit'), { seeAlso: ['audit verify'], examples: EXAMPLES });
  explained(audit.command('verify'), VERIFY)
    .description('check every line of the audit: its hash, the line before it, and the ledger; name the first that is wrong')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const { verifyAudit } = await import('./verify-audit.js');
      await verifyAudit(options);
    });
  return audit;
}
