import { Argument, Command } from 'commander';
import { completionScript, type Shell, SHELLS } from './completion.js';

const EXAMPLES = `
Examples, each for the start file of its shell:
  bash  eval "$(blockrun-openclaw-proxy completion bash)"
  zsh   eval "$(blockrun-openclaw-proxy completion zsh)"       # after compinit
  fish  blockrun-openclaw-proxy completion fish | source`;

export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script with which a shell completes commands, options and their values')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, _options: object, command: Command) => {
      process.stdout.write(completionScript(shell, command.parent ?? command));
    });
}
