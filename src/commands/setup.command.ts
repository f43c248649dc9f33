import { Command } from 'commander';

const WHAT = `
Installs AgentCash and all that it loads in the exact versions that were tested, about 230 MB, into "agentcash" beside the ledger, with npm.
Then it has AgentCash sign a transfer of $0 from the wallet to itself, which is sent to nobody. AgentCash asks https://agentcash.dev for the
wallet's balance before it signs, so that has to be reachable.`;

export function setupCommand(): Command {
  const setup = new Command('setup').description('install what the proxy can work with');
  setup
    .command('agentcash')
    .description('install AgentCash, for BLOCKRUN_PAYER=agentcash, and check that it signs')
    .option('--no-check', 'only install: ask AgentCash for no signature')
    .addHelpText('after', WHAT)
    .action(async ({ check }: { check: boolean }) => {
      const { setUpAgentCash } = await import('./set-up-agent-cash.js');
      await setUpAgentCash({ isChecked: check });
    });
  return setup;
}
