import { Command } from 'commander';

export function auditCommand(): Command {
  const audit = new Command('audit').description('prove the audit');
  audit
    .command('verify')
    .description('check every line of the audit: its hash, the line before it, and the ledger; name the first that is wrong')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const { verifyAudit } = await import('./verify-audit.js');
      await verifyAudit(options);
    });
  return audit;
}
