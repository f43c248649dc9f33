import { Argument, Command } from 'commander';
import { explained, type Explanation } from './explained.js';
import { completionScript, type Shell, SHELLS } from './completion.js';

const ABOUT: Explanation = {
  notes: [
    'It has the commands of this version: print it anew after an update. Or have the shell do so at each start: by eval in ~/.bashrc, or in ~/.zshrc after compinit, and by "| source" in config.fish.',
  ],
  examples: [
    ['completion bash > ~/.local/share/bash-completion/completions/blockrun-openclaw-proxy', 'bash, with bash-completion'],
    ['completion zsh > "${fpath[1]}/_blockrun-openclaw-proxy"', 'zsh, as root where the directory is not yours'],
    ['completion fish > ~/.config/fish/completions/blockrun-openclaw-proxy.fish', 'fish'],
  ],
};

export function completionCommand(): Command {
  return explained(new Command('completion'), ABOUT)
    .description('print a script with which a shell completes commands, options and their values')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell, _options: object, command: Command) => {
      process.stdout.write(completionScript(shell, command.parent ?? command));
    });
}
