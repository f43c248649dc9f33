import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Address } from '@solana/kit';

export interface Account {
  readonly address: Address;
  readonly lamports: bigint;
  readonly data: Uint8Array;
  readonly programAddress: Address;
  readonly executable: boolean;
}

export interface Run {
  /** In wire form. A signature that is missing is 64 zeros. */
  readonly transaction: Uint8Array;
  /** Every account that the transaction names; one that does not exist has no lamports. */
  readonly accounts: readonly Account[];
  readonly slot: bigint;
  readonly unixSeconds: bigint;
  /** Whether every signature must be there and good. */
  readonly isVerified: boolean;
}

export interface RunResult {
  /** As Rust prints a TransactionError; undefined: the transaction succeeded. */
  readonly error: string | undefined;
  readonly logs: readonly string[];
  readonly unitsConsumed: bigint;
  /** The accounts of the run as they are afterwards, without those that do not exist. */
  readonly accounts: readonly Account[];
}

type Reply = { readonly id: number } & ({ readonly result: RunResult } | { readonly fault: string });

/** A run allocates well under a megabyte, so that with this young generation the child never collects garbage (see vm.child.mjs). */
const RUNS_PER_CHILD = 50;
const CHILD_OPTIONS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
const MAX_ATTEMPTS = 3;
const MAX_COMPLAINT_CHARS = 2_000;

/** The VM as a function of its input: it keeps no account, so a child that ended may be replaced, and its run repeated, at any time. */
export class VmProcess {
  private child: ChildProcess | undefined;
  private runs = 0;
  private isStopped = false;
  /** One run at a time. */
  private last: Promise<unknown> = Promise.resolve();

  run(request: Run): Promise<RunResult> {
    const ran = this.last.then(() => this.attempt(request, MAX_ATTEMPTS));
    this.last = ran.catch(() => undefined);
    return ran;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.replace();
    await this.last;
  }

  private async attempt(request: Run, attemptsLeft: number): Promise<RunResult> {
    if (this.runs >= RUNS_PER_CHILD) await this.replace();
    if (this.isStopped) throw new Error('The Solana VM is stopped');
    const reply = await ask((this.child ??= startChild()), { id: ++this.runs, request });
    if (typeof reply === 'string') {
      this.child = undefined;
      this.runs = 0;
      if (attemptsLeft > 1) return this.attempt(request, attemptsLeft - 1);
      throw new Error(`The process of the Solana VM ended: ${reply}`);
    }
    if ('fault' in reply) throw new Error(`The Solana VM failed: ${reply.fault}`);
    return reply.result;
  }

  private async replace(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    this.runs = 0;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  }
}

function startChild(): ChildProcess {
  // The build gives it the extension of all that it makes; a test runs the source as it is.
  const name = import.meta.url.endsWith('.ts') ? './vm.child.mjs' : './vm.child.js';
  const file = fileURLToPath(new URL(name, import.meta.url));
  return fork(file, { execArgv: CHILD_OPTIONS, serialization: 'advanced', detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** Its reply, or what it complained about before it ended. */
function ask(child: ChildProcess, message: { id: number; request: Run }): Promise<Reply | string> {
  return new Promise((resolve) => {
    let complaint = '';
    const listen = (text: Buffer) => (complaint = (complaint + text.toString()).slice(-MAX_COMPLAINT_CHARS));
    const over = (reply: Reply | string) => {
      child.off('message', hear).off('close', end).off('error', fail);
      child.stderr?.off('data', listen);
      resolve(reply);
    };
    const hear = (reply: unknown) => over(reply as Reply);
    const end = () => over(complaint.trim() || 'it said nothing');
    const fail = (error: Error) => over(error.message);
    child.stderr?.on('data', listen);
    child.on('message', hear).once('close', end).once('error', fail);
    // If it has ended already, that is told by one of the events.
    child.send(message, () => undefined);
  });
}
