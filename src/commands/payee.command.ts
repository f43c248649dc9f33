import { Command, InvalidArgumentError } from 'commander';
import { plainSentence } from './arguments.js';

const EXAMPLES = `
The seller is the one of the settings (BLOCKRUN_CHAT_URL). With BLOCKRUN_PAY_TO set, that list alone counts.

Examples:
  $ blockrun-openclaw-proxy payee list
  $ blockrun-openclaw-proxy payee trust 0xe9030014F5DAe217d0A152f02A043567b16c1aBf --reason 'announced on the status page'`;

export function payeeCommand(): Command {
  const payee = new Command('payee').description('whom sellers are paid at').addHelpText('after', EXAMPLES);
  payee
    .command('list')
    .description('the payee of each seller, and since when')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { listPayees } = await import('./payees.js');
      await listPayees({ asJson: json ?? false });
    });
  payee
    .command('trust')
    .description('pay the seller at another address from now on, and at that alone')
    .argument('<address>', 'the new payee', address)
    .requiredOption('--reason <text>', 'why; it goes into the audit', plainSentence)
    .option('--json', 'as JSON')
    .action(async (payTo: string, { reason, json }: { reason: string; json?: true }) => {
      const { trustPayee } = await import('./payees.js');
      await trustPayee(payTo, { reason, asJson: json ?? false });
    });
  return payee;
}

function address(text: string): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an address of 0x and 40 hex digits.');
}
