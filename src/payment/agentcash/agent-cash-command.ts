import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentCashOrder } from './agent-cash-order.js';
import { type AgentCashOutcome, readCliOutput } from './agent-cash-output.js';
import type { AgentCashProgram } from './agent-cash-program.js';
import { keepLastWords } from './agent-cash-words.js';

interface Surroundings {
  environment: Record<string, string>;
  timeoutMs: number;
}

/** Ended without an envelope: wrong usage, a crash, or it could not be started. */
export class CommandFailedError extends Error {}
/** Ended by us, since its time was up. */
export class CommandTimeoutError extends Error {}

/**
 * `agentcash fetch` as a process of its own: for a program without a server mode. A second and 190 MB each, so one at a time; who waits
 * does so within the time limit of the whole.
 */
export class AgentCashCommand {
  private last: Promise<unknown> = Promise.resolve();
  private readonly running = new Set<AbortController>();

  /** Resolves at its end with what its output says. @throws CommandFailedError | CommandTimeoutError */
  fetch(program: AgentCashProgram, order: AgentCashOrder, surroundings: Surroundings): Promise<AgentCashOutcome> {
    const turn = this.last.then(() => this.run(program, order, surroundings));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  async stop(): Promise<void> {
    for (const run of this.running) run.abort();
    await this.last;
  }

  private async run(program: AgentCashProgram, order: AgentCashOrder, { environment, timeoutMs }: Surroundings): Promise<AgentCashOutcome> {
    const directory = await mkdtemp(join(tmpdir(), 'blockrun-agentcash-'));
    const stop = new AbortController();
    this.running.add(stop);
    const limit = setTimeout(() => stop.abort(), timeoutMs);
    // A file, since of a pipe AgentCash does not wait for the end of what it has written.
    const output = join(directory, 'output.json');
    const file = await open(output, 'wx', 0o600);
    try {
      const words = await untilExit({ program, args: argumentsFor(order, timeoutMs), environment, output: file.fd, stop: stop.signal });
      const text = await readFile(output, 'utf8');
      if (text.trim() === '') throw new CommandFailedError(words || 'it wrote nothing');
      return readCliOutput(text, { onlyX402: true });
    } finally {
      clearTimeout(limit);
      this.running.delete(stop);
      await file.close();
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** Never `--payment-network`, which leaves the cap out where the offer is on another one, and never `--quiet`, which leaves the output out. */
function argumentsFor({ url, maxUsd }: AgentCashOrder, timeoutMs: number): string[] {
  return ['fetch', url, '-p', 'x402', '--max-amount', decimal(maxUsd), '--timeout', String(timeoutMs), '--format', 'json'];
}

/** Without an exponent, which a small number would have. */
function decimal(usd: number): string {
  return usd.toFixed(6);
}

interface Run {
  program: AgentCashProgram;
  args: readonly string[];
  environment: Record<string, string>;
  output: number;
  stop: AbortSignal;
}

/** @throws CommandFailedError where it could not be started, CommandTimeoutError where it was stopped */
async function untilExit({ program, args, environment, output, stop }: Run): Promise<string> {
  const child = spawn(program.command, [...program.args, ...args], {
    env: environment,
    cwd: environment.HOME,
    stdio: ['ignore', output, 'pipe'],
    signal: stop,
    killSignal: 'SIGKILL',
  });
  const words = keepLastWords(child.stderr);
  try {
    await once(child, 'close');
  } catch (cause) {
    throw stop.aborted
      ? new CommandTimeoutError('it was not done in time', { cause })
      : new CommandFailedError((cause as Error).message, { cause });
  }
  return words();
}
