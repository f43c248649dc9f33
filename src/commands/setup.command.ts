import { Command } from 'commander';
import { explained, type Explanation } from './explained.js';

const EXAMPLES = [['setup agentcash', 'then start with BLOCKRUN_PAYER=agentcash']] as const;

const AGENT_CASH: Explanation = {
  notes: [
    'Installs AgentCash and all that it loads in the exact versions that were tested, about 230 MB, into "agentcash" beside the ledger, with npm. Then it has AgentCash sign a transfer of $0 from the wallet to itself, which is sent to nobody.',
    "AgentCash asks https://agentcash.dev for the wallet's balance before it signs, so that has to be reachable.",
  ],
  settings: ['BLOCKRUN_PAYER', 'BLOCKRUN_AGENTCASH', 'BLOCKRUN_WALLET_FILE', 'BLOCKRUN_LEDGER_FILE'],
  files: ['~/.openclaw/blockrun-proxy/agentcash', '~/.agentcash/wallet.json'],
  examples: EXAMPLES,
  seeAlso: ['doctor'],
};

export function setupCommand(): Command {
  const setup = explained(new Command('setup').description('install what the proxy can work with'), { examples: EXAMPLES });
  explained(setup.command('agentcash'), AGENT_CASH)
    .description('install AgentCash, for BLOCKRUN_PAYER=agentcash, and check that it signs')
    .option('--no-check', 'only install: ask AgentCash for no signature')
    .action(async ({ check }: { check: boolean }) => {
      const { setUpAgentCash } = await import('./set-up-agent-cash.js');
      await setUpAgentCash({ isChecked: check });
    });
  return setup;
}
