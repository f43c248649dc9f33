import type { Command } from 'commander';
import { type CompletedOption, type CompletedWord, type CompletionNode, completionTree } from './completion-tree.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * A script for the shell, made from the commands themselves. It finds out which command the line is at, leaving out the values of options
 * (a reason may be called like a command), and offers what may come there.
 */
export function completionScript(shell: Shell, program: Command): string {
  const name = program.name();
  const names = { name, does: `_${name.replaceAll('-', '_')}` };
  const nodes = completionTree(program);
  switch (shell) {
    case 'bash':
      return bashScript(names, nodes);
    case 'zsh':
      return zshScript(names, nodes);
    case 'fish':
      return fishScript(names, nodes);
  }
}

interface Names {
  name: string;
  /** Of the function that the script defines. */
  does: string;
}

/** Runs in the bash of macOS, too, which is version 3.2. There "--by=model" comes as three words. */
function bashScript({ name, does }: Names, nodes: readonly CompletionNode[]): string {
  const choices = optionsWith(nodes, ({ choices: known }) => known.length > 0);
  return `# ${name} completion bash
${does}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" at='' words='' options='' index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at \${COMP_WORDS[index]}" in
      ${valuePlaces(nodes).join(' | ')})
        if [[ "\${COMP_WORDS[index+1]}" == '=' ]]; then index=$((index + 1)); fi
        index=$((index + 1)) ;;
      ${paths(nodes).join(' | ')}) at="$at \${COMP_WORDS[index]}" ;;
    esac
  done
  if [[ "$current" == '=' ]]; then current=''
  elif [[ "$previous" == '=' ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  case "$at $previous" in
${choices.map(({ place, choices: known }) => `    ${place}) COMPREPLY=($(compgen -W ${quoted(known.join(' '))} -- "$current")); return ;;`).join('\n')}
    ${valuePlaces(nodes).join(' | ')}) return ;;
  esac
  case "$at" in
${nodes.map((node) => `    ${quoted(node.path)}) words=${quoted(wordsOf(node).join(' '))} options=${quoted(flagsOf(node).join(' '))} ;;`).join('\n')}
  esac
  if [[ "$current" == -* || -z "$words" ]]; then words="$options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F ${does} ${name}
`;
}

/** Works sourced, after compinit, and as a file of a directory of fpath. */
function zshScript({ name, does }: Names, nodes: readonly CompletionNode[]): string {
  const choices = optionsWith(nodes, ({ choices: known }) => known.length > 0);
  return `#compdef ${name}
# ${name} completion zsh
${does}() {
  local at='' current="$words[CURRENT]" previous="$words[CURRENT-1]"
  local -a offered options
  local -i index
  for ((index = 2; index < CURRENT; index++)); do
    case "$at $words[index]" in
      (${valuePlaces(nodes).join(' | ')}) index=$((index + 1)) ;;
      (${paths(nodes).join(' | ')}) at="$at $words[index]" ;;
    esac
  done
  if [[ "$current" == --*=* ]]; then
    previous="\${current%%=*}"
    compset -P '*='
  fi
  case "$at $previous" in
${choices.map(({ place, choices: known }) => `    (${place}) offered=(${known.map(quoted).join(' ')}); _describe value offered; return ;;`).join('\n')}
    (${valuePlaces(nodes).join(' | ')}) _message value; return ;;
  esac
  case "$at" in
${nodes.map((node) => `    (${quoted(node.path)}) offered=(${node.words.map(described).join(' ')}) options=(${flagWords(node).map(described).join(' ')}) ;;`).join('\n')}
  esac
  if [[ "$current" == -* ]] || ((\${#offered} == 0)); then _describe -o option options; else _describe word offered; fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then ${does} "$@"; else compdef ${does} ${name}; fi
`;
}

function fishScript({ name, does }: Names, nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(({ path, words, options }) => {
    const here = `complete -c ${name} -n ${fishQuoted(`${does}_is_at ${fishQuoted(path)}`)}`;
    return [
      ...words.map(({ word, description }) => `${here} -a ${fishQuoted(word)} -d ${fishQuoted(description)}`),
      ...options.map((option) => `${here}${fishOption(option)} -d ${fishQuoted(option.description)}`),
    ];
  });
  return `# ${name} completion fish
function ${does}_is_at
  set -l at ''
  set -l is_value no
  for word in (commandline -opc)[2..-1]
    if test $is_value = yes
      set is_value no
      continue
    end
    switch "$at $word"
      case ${valuePlaces(nodes).join(' ')}
        set is_value yes
      case ${paths(nodes).join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c ${name} -f
${lines.join('\n')}
`;
}

function fishOption({ flags, hasValue, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`));
  return `${names.join('')}${hasValue ? ' -x' : ''}${choices.length > 0 ? ` -a ${fishQuoted(choices.join(' '))}` : ''}`;
}

/** Each option of this kind, with the command before it: quoted, for a case. */
function optionsWith(nodes: readonly CompletionNode[], isMeant: (option: CompletedOption) => boolean) {
  return nodes.flatMap(({ path, options }) =>
    options.filter(isMeant).flatMap(({ flags, choices }) => flags.map((flag) => ({ place: quoted(`${path} ${flag}`), choices }))),
  );
}

function valuePlaces(nodes: readonly CompletionNode[]): string[] {
  return optionsWith(nodes, ({ hasValue }) => hasValue).map(({ place }) => place);
}

function paths(nodes: readonly CompletionNode[]): string[] {
  return nodes.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
}

function wordsOf({ words }: CompletionNode): string[] {
  return words.map(({ word }) => word);
}

function flagsOf({ options }: CompletionNode): string[] {
  return options.flatMap(({ flags }) => flags);
}

function flagWords({ options }: CompletionNode): CompletedWord[] {
  return options.flatMap(({ flags, description }) => flags.map((word) => ({ word, description })));
}

/** As zsh's _describe takes it. */
function described({ word, description }: CompletedWord): string {
  return quoted(description === '' ? word : `${word}:${description}`);
}

/** For bash and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
