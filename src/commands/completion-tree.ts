import type { Command, Option } from 'commander';

export interface CompletedWord {
  word: string;
  description: string;
}

export interface CompletedOption {
  /** Such as `-h` and `--help`. */
  flags: string[];
  description: string;
  /** The next word is its value, and no command. */
  hasValue: boolean;
  /** The values that there are; empty where nobody can know them before. */
  choices: string[];
}

/** What may come after the words of `path`. */
export interface CompletionNode {
  /** The commands so far, each after a space; empty at the beginning. */
  path: string;
  words: CompletedWord[];
  options: CompletedOption[];
}

/** The program and each of its commands, as they are in commander: what its help shows can be completed, and nothing else. */
export function completionTree(command: Command, path = ''): CompletionNode[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const commands = children.map((child) => ({ word: child.name(), description: child.description() }));
  const values = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, description })),
  );
  const node = { path, words: [...commands, ...values], options: help.visibleOptions(command).map(optionOf) };
  return [node, ...children.flatMap((child) => nodesOf(child, { parent: command, path: `${path} ${child.name()}`, siblings: commands }))];
}

/** The command `help` is commander's own: it is no child, and takes the name of one. */
function nodesOf(
  child: Command,
  { parent, path, siblings }: { parent: Command; path: string; siblings: readonly CompletedWord[] },
): CompletionNode[] {
  if (parent.commands.includes(child)) return completionTree(child, path);
  return [{ path, words: siblings.filter(({ word }) => word !== child.name()), options: [] }];
}

function optionOf({ short, long, description, required, argChoices = [] }: Option): CompletedOption {
  const flags = [short, long].filter((flag) => flag !== undefined);
  return { flags, description, hasValue: required, choices: argChoices };
}
