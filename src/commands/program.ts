import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { CodedError } from '../errors/coded-error.js';

import { redacted } from '../errors/redacted.js';
import { OpenClawError } from '../openclaw/openclaw-error.js';
import { auditCommand } from './audit.command.js';
import { budgetCommand } from './budget.command.js';
import { completionCommand } from './completion.command.js';
import { doctorCommand } from './doctor.command.js';
import { explained, type Explanation } from './explained.js';
import { ledgerCommand } from './ledger.command.js';
import { openClawCommand } from './openclaw.command.js';
import { pauseCommand, resumeCommand } from './pause.command.js';
import { payeeCommand } from './payee.command.js';
import { reconcileCommand } from './reconcile.command.js';
import { reportCommand } from './report.command.js';
import { setupCommand } from './setup.command.js';
import { serveCommand } from './serve.command.js';
import { serviceCommand } from './service.command.js';

const ABOUT: Explanation = {
  notes: [
    'Without a command it runs the proxy. Settings come from the environment and a file .env in the directory in which it is started: give commands the same ones as the proxy. README.md has a table of all.',
  ],
  files: [
    '~/.openclaw/blockrun-proxy (the ledger, the audit, and PAUSE, which stops paying while it is there)',
    '~/.agentcash/wallet.json',
  ],
  differs: 'the books do not agree (reconcile, audit verify, report, ledger move)',
  examples: [
    ['doctor', 'is everything right?'],
    ['', 'run the proxy'],
    ['help report', 'more about a command; those of "openclaw" and the like have a --help each'],
  ],
};

/** The command line: `serve` where no command is named. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = commandLine();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error; // a reader that has seen enough, such as head, is no fault
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

export function commandLine(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const program = new Command('blockrun-openclaw-proxy')
    .description('A local OpenAI-compatible proxy that buys chat completions from BlockRun with your own wallet, under a daily cap.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride();
  explained(program, ABOUT);
  for (const command of commands()) program.addCommand(withExitOverride(command));
  return program.addCommand(withExitOverride(serveCommand()), { isDefault: true });
}

function commands(): Command[] {
  return [
    doctorCommand(),
    reportCommand(),
    budgetCommand(),
    pauseCommand(),
    resumeCommand(),
    reconcileCommand(),
    auditCommand(),
    payeeCommand(),
    ledgerCommand(),
    serviceCommand(),
    setupCommand(),
    openClawCommand(),
    completionCommand(),
  ];
}

/** Subcommands do not inherit it. */
function withExitOverride(command: Command): Command {
  for (const child of command.commands) withExitOverride(child);
  return command.exitOverride();
}

/** Says what went wrong, where that has not been said yet. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isExpected = [ConfigurationError, CodedError, OpenClawError].some((kind) => error instanceof kind) || isListenError(error);
  process.stderr.write(`${redacted(isExpected ? (error as Error).message : String((error as Error)?.stack ?? error))}\n`);
  return 1;
}

function isListenError(error: unknown): boolean {
  return (error as NodeJS.ErrnoException)?.syscall === 'listen';
}
