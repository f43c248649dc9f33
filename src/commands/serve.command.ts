import { Command } from 'commander';

export function serveCommand(): Command {
  const command = new Command('serve').description('run the proxy (the default)').argument('[nothing...]');
  return command.action(async (words: string[]) => {
    if (words.length > 0) command.error(`error: there is no command '${words.join(' ')}'; see --help`);
    const { serve } = await import('../serve.js');
    await serve();
  });
}
