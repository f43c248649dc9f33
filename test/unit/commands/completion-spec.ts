import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { completionScript, type Shell, SHELLS } from '../../../src/commands/completion.js';
import { completionTree } from '../../../src/commands/completion-tree.js';
import { commandLine } from '../../../src/commands/program.js';
import { GROUPINGS } from '../../../src/ledger/usage.js';
import { describeWith } from '../../support/available.js';

const NAME = 'blockrun-openclaw-proxy';

const NO_START_FILES = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] };

/** What the shell says to this script of ours; anything on standard error is a fault. */
function run(shell: Shell, script: string, words: readonly string[] = []): string[] {
  const { stdout, stderr } = spawnSync(shell, [...NO_START_FILES[shell], '-c', script, shell, ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const functionOf = (program: Command) => `_${program.name().replaceAll('-', '_')}`;

/** As typed, up to the cursor: the last word is the one that is completed. */
const LINES = [
  { line: ['dia'], offered: [] },
  { line: ['doc'], offered: ['doctor'] },
  { line: ['pa'], offered: ['pause', 'payee'] },
  { line: ['budget', ''], offered: ['raise', 'reset', 'accept-clock'] },
  { line: ['budget', '--j'], offered: ['--json'] },
  { line: ['help', 'rec'], offered: ['reconcile'] },
  { line: ['report', '--by', ''], offered: [...GROUPINGS] },
  { line: ['report', '--by', 'm'], offered: ['model', 'machine'] },
  { line: ['report', '--days', '3'], offered: [] },
  { line: ['report', '--days', '30', '--c'], offered: ['--csv'] },
  { line: ['pause', '--reason', 'audit', '--j'], offered: ['--json'] },
  { line: ['budget', 'raise', '0.50', '--rea'], offered: ['--reason'] },
  { line: ['openclaw', 'install', '--set'], offered: ['--set-default'] },
  { line: ['completion', ''], offered: ['bash', 'zsh', 'fish'] },
];
const cases = LINES.map(({ line, offered }): [string, string[], string[]] => [line.join(' '), line, offered]);

/** Ours has no option with a value before a command, yet. */
const other = new Command('other-program')
  .option('-n, --name <name>', "an operator's \\ wish")
  .addCommand(new Command('late').option('--kind <kind>', 'of it'));

describe('what can be completed', () => {
  it('is every command and option of the program, those that come later, too', () => {
    expect(completionTree(other).map(({ path }) => path)).toEqual(['', ' late', ' help']);
    for (const shell of SHELLS) expect(completionScript(shell, other)).toMatch(/late[^]*kind/);
  });
});

describeWith(['bash'], 'bash completes', () => {
  const complete = (words: readonly string[], program = commandLine()) =>
    run(
      'bash',
      `${completionScript('bash', program)}\nCOMP_WORDS=(program "$@"); COMP_CWORD=$#; ${functionOf(program)}; printf '%s\\n' "\${COMPREPLY[@]}"`,
      words,
    );

  it.each(cases)('"%s"', (_line, words, offered) => {
    expect(complete(words)).toEqual(offered);
  });

  it('no command that is the value of an option', () => {
    expect(complete(['--name', 'late', '--k'], other)).toEqual([]);
    expect(complete(['late', '--k'], other)).toEqual(['--kind']);
  });

  it('the value after a "=", which is a word of its own there', () => {
    expect(complete(['report', '--by', '='])).toEqual([...GROUPINGS]);
    expect(complete(['report', '--by', '=', 'pa'])).toEqual(['payee']);
    expect(complete(['report', '--by', '=', 'payee', '--cs'])).toEqual(['--csv']);
  });

  it('for the program by its name', () => {
    expect(run('bash', `${completionScript('bash', commandLine())}\ncomplete -p ${NAME}`)).toEqual([
      `complete -F _blockrun_openclaw_proxy ${NAME}`,
    ]);
  });
});

/** Its completion system needs a terminal: in its stead stands what prints what it is handed, and the words that begin as the last one. */
const ZSH_STANDS_IN = `compdef() { }
_message() { }
compset() { words[CURRENT]="\${words[CURRENT]#*=}" }
_describe() { local each; for each in "\${(@P)argv[-1]}"; do print -r -- "\${each%%:*}"; done | grep -- "^$words[CURRENT]" }`;

describeWith(['zsh'], 'zsh completes', () => {
  const complete = (words: readonly string[], program = commandLine()) =>
    run(
      'zsh',
      `${ZSH_STANDS_IN}\n${completionScript('zsh', program)}\nwords=(program "$@"); CURRENT=$#words; ${functionOf(program)}`,
      words,
    );

  it.each(cases)('"%s"', (_line, words, offered) => {
    expect(complete(words)).toEqual(offered);
  });

  it('no command that is the value of an option', () => {
    expect(complete(['--name', 'late', '--k'], other)).toEqual([]);
    expect(complete(['late', '--k'], other)).toEqual(['--kind']);
  });

  it('the value after a "="', () => {
    expect(complete(['report', '--by=pa'])).toEqual(['payee']);
  });
});

describeWith(['fish'], 'fish completes', () => {
  const complete = (words: readonly string[], program = commandLine()) =>
    run('fish', `${completionScript('fish', program)}\ncomplete -C "${[program.name(), ...words].join(' ')}"`).map(
      (line) => line.split('\t')[0] ?? '',
    );

  it.each(cases)('"%s"', (_line, words, offered) => {
    expect(complete(words).toSorted()).toEqual(offered.toSorted());
  });

  it('no command that is the value of an option', () => {
    expect(complete(['--name', 'late', '--k'], other)).toEqual([]);
    expect(complete(['late', '--k'], other)).toEqual(['--kind']);
  });

  it('the value after a "="', () => {
    expect(complete(['report', '--by=pa'])).toEqual(['--by=payee']);
  });
});
