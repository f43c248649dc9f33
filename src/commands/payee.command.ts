import { Command, InvalidArgumentError } from 'commander';
import { USDC } from '../money/usdc.js';
import { plainSentence } from './arguments.js';
import { BOOKS, explained, type Explanation } from './explained.js';

const ABOUT: Explanation = {
  notes: [
    'The payee of the first payment to a seller is pinned, and another is refused. With BLOCKRUN_PAY_TO set, that list alone counts.',
  ],
  settings: ['BLOCKRUN_CHAT_URL', 'BLOCKRUN_PAYMENT_NETWORK', 'BLOCKRUN_PAY_TO', ...BOOKS.settings],
  files: BOOKS.files,
};
const LIST: Explanation = { ...ABOUT, examples: [['payee list', 'whom each seller is paid at']], seeAlso: ['payee trust'] };
const TRUST: Explanation = {
  ...ABOUT,
  notes: [
    'The seller is the one of the settings (BLOCKRUN_CHAT_URL). Make sure of the new address in a way that the seller itself cannot forge by an answer.',
  ],
  examples: [
    [
      "payee trust 0xe9030014F5DAe217d0A152f02A043567b16c1aBf --reason 'announced on the status page'",
      'after the seller has changed its address',
    ],
  ],
  seeAlso: ['payee list'],
};

export function payeeCommand(): Command {
  const payee = explained(new Command('payee').description('whom sellers are paid at'), ABOUT);
  explained(payee.command('list'), LIST)
    .description('the payee of each seller, and since when')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { listPayees } = await import('./payees.js');
      await listPayees({ asJson: json ?? false });
    });
  explained(payee.command('trust'), TRUST)
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
  if (Object.values(USDC).some(({ address: form }) => form.test(text))) return text;
  throw new InvalidArgumentError('It must be an address: 0x and 40 hex digits on Base, base58 on Solana.');
}
