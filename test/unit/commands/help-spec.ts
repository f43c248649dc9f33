import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { commandLine } from '../../../src/commands/program.js';
import { VARIABLES } from '../../../src/configuration/environment.js';

const EXAMPLE = /^ {2}\$ blockrun-openclaw-proxy ?(.*)$/gm;

interface Told {
  name: string;
  command: Command;
  help: string;
}

function told(command: Command, name: string): Told[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return [{ name, command, help }, ...command.commands.flatMap((child) => told(child, `${name} ${child.name()}`.trim()))];
}

const program = commandLine();
const everything = told(program, '');
const cases = everything.map((one): [string, Told] => [one.name || 'the program', one]);

/** The command that these words call, and its options among them. */
function called(words: readonly string[], command: Command = program): { command: Command; flags: string[] } {
  const child = command.commands.find((one) => one.name() === words[0]);
  return child ? called(words.slice(1), child) : { command, flags: words.filter((word) => word.startsWith('--')) };
}

describe('the help', () => {
  it.each(cases)('of %s has a description, an example or a note, and the exit codes', (_name, { command, help }) => {
    expect(command.description()).not.toBe('');
    expect(help).toMatch(/\n {2}-h, --help[^]*?\n\n[^]*(Examples:|\w+ [^]*\.)\n/);
    expect(help).toContain('\nExit codes: 0 done; 1 ');
  });

  it.each(cases)('of %s fits a terminal of 80 columns, but for what is copied', (_name, { help }) => {
    expect(help.split('\n').filter((line) => line.length > 80 && !/^ {2}[$#] /.test(line))).toEqual([]);
  });

  it.each(cases)('of %s shows only commands, options and settings that there are', (_name, { help }) => {
    for (const [, words = ''] of help.matchAll(EXAMPLE)) {
      const { command, flags } = called(words.split(' ').filter((word) => word !== 'help'));
      expect(command === program).toBe(words === '');
      const known = command.options.map(({ long }) => long);
      expect(flags.map((flag) => flag.split('=')[0]).filter((flag) => !known.includes(flag))).toEqual([]);
    }
    for (const [name] of help.matchAll(/\b(BLOCKRUN|X402)_[A-Z_]+\b/g)) expect(VARIABLES.has(name)).toBe(true);
    const [, others = ''] = /^See also: ([^]*?)\n$/m.exec(help) ?? [];
    for (const other of others.split(/,\s+/).filter((name) => name !== '')) expect(everything.map(({ name }) => name)).toContain(other);
  });
});
