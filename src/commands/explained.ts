import type { Command } from 'commander';
import type { Environment } from '../configuration/environment.js';

const WIDTH = 80;
const PROGRAM = 'blockrun-openclaw-proxy';

/** What help says below the options. Paragraphs are broken into lines here, examples are left as they are: they are copied. */
export interface Explanation {
  notes?: readonly string[];
  /** The settings that matter to it; all are read and checked. */
  settings?: readonly (keyof Environment)[];
  /** What it reads or writes, by default. */
  files?: readonly string[];
  /** What exit code 1 means, where it is more than that the command could not be done. */
  fails?: string;
  /** What exit code 3 means. */
  differs?: string;
  /** The words after the program's name, and what they are for. */
  examples?: readonly (readonly [words: string, meaning: string])[];
  /** Other commands. */
  seeAlso?: readonly string[];
}

/** Where the books are: of every command that opens them. */
export const BOOKS = {
  settings: ['BLOCKRUN_LEDGER_URL', 'BLOCKRUN_LEDGER_FILE', 'BLOCKRUN_AUDIT_LOG', 'BLOCKRUN_MACHINE'],
  files: ['~/.openclaw/blockrun-proxy/ledger.sqlite', '~/.openclaw/blockrun-proxy/audit.jsonl'],
} as const satisfies Explanation;

export function explained(command: Command, explanation: Explanation): Command {
  const help = command.createHelp();
  return command.addHelpText('after', `\n${explanationText(explanation, (text) => help.boxWrap(text, WIDTH))}`);
}

function explanationText(
  { notes = [], settings = [], files = [], fails = 'could not be done', differs, examples = [], seeAlso = [] }: Explanation,
  wrapped: (text: string) => string,
): string {
  const list = (title: string, of: readonly string[]) => (of.length === 0 ? [] : [wrapped(`${title}: ${of.join(', ')}`)]);
  const shown = examples.map(([words, meaning]) => `  # ${meaning}\n  $ ${PROGRAM} ${words}`.trimEnd());
  return [
    ...notes.map(wrapped),
    ...list('Settings', settings),
    ...list('Files', files),
    wrapped(`Exit codes: 0 done; 1 ${fails}; 2 wrong usage${differs === undefined ? '' : `; 3 ${differs}`}`),
    ...(shown.length === 0 ? [] : [`Examples:\n${shown.join('\n')}`]),
    ...list('See also', seeAlso),
  ].join('\n\n');
}
