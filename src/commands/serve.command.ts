import { Command } from 'commander';
import { BOOKS, explained, type Explanation } from './explained.js';

const ABOUT: Explanation = {
  notes: [
    'It listens on 127.0.0.1:8787 until SIGTERM or SIGINT, then waits for the answers that are paid and still coming in, and ends by that signal. It starts only where all settings are valid, the books are closed to other users, and, but for a dry run, the wallet can be read. /health tells whether it can pay, and / is a dashboard.',
  ],
  settings: [
    'PORT',
    'HOST',
    'BLOCKRUN_DAILY_BUDGET_USD',
    'BLOCKRUN_MAX_USD_PER_REQUEST',
    'BLOCKRUN_DRY_RUN',
    'BLOCKRUN_WALLET_FILE',
    ...BOOKS.settings,
  ],
  files: ['~/.agentcash/wallet.json', ...BOOKS.files, '~/.openclaw/blockrun-proxy/ledger.json'],
  fails: 'could not start, or a fault',
  examples: [['serve', 'the same as no command']],
  seeAlso: ['doctor', 'service install'],
};

export function serveCommand(): Command {
  const command = explained(new Command('serve').description('run the proxy (the default)').argument('[nothing...]'), ABOUT);
  return command.action(async (words: string[]) => {
    if (words.length > 0) command.error(`error: there is no command '${words.join(' ')}'; see --help`);
    const { serve } = await import('../serve.js');
    await serve();
  });
}
