import { Command } from 'commander';
import { BOOKS, explained, type Explanation } from './explained.js';

const ABOUT: Explanation = {
  notes: [
    "It changes nothing, signs nothing and pays nothing: the seller is asked once what a tiny request costs. Run it as the user of the proxy and with the proxy's settings, while that runs or not.",
  ],
  settings: [
    'BLOCKRUN_CHAT_URL',
    'BLOCKRUN_WALLET_FILE',
    'BLOCKRUN_PAYMENT_NETWORK',
    'BLOCKRUN_RPC_URL',
    'BLOCKRUN_SOLANA_RPC_URL',
    ...BOOKS.settings,
  ],
  files: ['~/.agentcash/wallet.json', ...BOOKS.files],
  fails: 'a line says "fail"',
  examples: [
    ['doctor', 'before the first start, and whenever something is strange'],
    ['doctor --json', 'for a script: ok, and what each check found'],
  ],
  seeAlso: ['budget', 'audit verify'],
};

export function doctorCommand(): Command {
  return explained(new Command('doctor'), ABOUT)
    .description('look at everything that has to be right, and say what to do about what is not')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { diagnose } = await import('./diagnose.js');
      await diagnose({ asJson: json ?? false });
    });
}
