import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { AgentCashOrder } from './agent-cash-order.js';
import { type AgentCashOutcome, readToolResult } from './agent-cash-output.js';
import type { AgentCashProgram } from './agent-cash-program.js';
import { keepLastWords } from './agent-cash-words.js';
import { reasonOf } from '../../errors/reason-of.js';

/** A message of AgentCash's about our own endpoint is far below it. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const TOOL = 'fetch';

export interface ServerLimits {
  startMs: number;
  callMs: number;
  pingMs: number;
}

/** AgentCash ended, or spoke something else, before it was up: this program has no server mode, or cannot run it here. */
export class NoServerModeError extends Error {}

/** One `agentcash server`: a process that speaks MCP over its standard streams and signs through the tool `fetch`. */
export class AgentCashServer {
  /** Called once, when the process has ended, however that came. */
  onGone: () => void = () => undefined;
  private readonly client = new Client({ name: 'blockrun-openclaw-proxy', version: '1' }, { capabilities: {} });
  private readonly transport: StdioClientTransport;
  private readonly words: () => string;
  private running = 0;
  private idle: (() => void) | undefined;
  /** How often it was called. */
  calls = 0;
  /** How often it has answered, whatever it said. */
  answers = 0;

  private constructor(
    { command, args }: AgentCashProgram,
    environment: Record<string, string>,
    private readonly limits: ServerLimits,
  ) {
    const cwd = environment.HOME ?? '/';
    const how = { command, args: [...args, 'server'], env: environment, cwd, maxBufferSize: MAX_MESSAGE_BYTES };
    this.transport = new StdioClientTransport({ ...how, stderr: 'pipe' });
    this.words = keepLastWords(this.transport.stderr as NodeJS.ReadableStream | null);
    this.client.onclose = () => this.onGone();
  }

  /** @throws NoServerModeError | an Error of a process that was still silent when the time was up */
  static async start(program: AgentCashProgram, environment: Record<string, string>, limits: ServerLimits): Promise<AgentCashServer> {
    const server = new AgentCashServer(program, environment, limits);
    try {
      await server.client.connect(server.transport, { timeout: limits.startMs });
      const { tools } = await server.client.listTools({}, { timeout: limits.startMs });
      if (!tools.some(({ name }) => name === TOOL)) throw new NoServerModeError(`it has no tool "${TOOL}"`);
      return server;
    } catch (error) {
      const isSilent = isTimeout(error);
      server.kill();
      await server.close();
      if (isSilent) throw new Error(`it was not up after ${limits.startMs / 1000} s`, { cause: error });
      throw error instanceof NoServerModeError ? error : new NoServerModeError(server.words() || reasonOf(error), { cause: error });
    }
  }

  get pid(): number | undefined {
    return this.transport.pid ?? undefined;
  }

  get version(): string {
    return this.client.getServerVersion()?.version ?? 'of an unknown version';
  }

  /** Has the endpoint's path fetched and paid. @throws where there is no result: the process ended, or was silent for too long */
  async fetch({ url, maxUsd, paymentNetwork }: AgentCashOrder): Promise<AgentCashOutcome> {
    const { callMs } = this.limits;
    this.calls += 1;
    this.running += 1;
    try {
      // The network is on offer at this path, so naming it leaves no cap out; unnamed, it would ask for the balance twice.
      const order = { url, method: 'GET', paymentProtocol: 'x402', paymentNetwork, maxAmount: maxUsd, timeout: callMs };
      const result = await this.client.callTool({ name: TOOL, arguments: order }, undefined, { timeout: callMs });
      this.answers += 1;
      return readToolResult(result);
    } finally {
      this.running -= 1;
      if (this.running === 0) this.idle?.();
    }
  }

  /** Whether it answers. A process that was stopped, or is caught in a loop, does not. */
  async isAlive(): Promise<boolean> {
    return this.client.ping({ timeout: this.limits.pingMs }).then(
      () => true,
      () => false,
    );
  }

  /** What is resident of it now; 0 where that is not known (no /proc). */
  residentBytes(): number {
    try {
      const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? [];
      return Number(kib) * 1024;
    } catch {
      return 0; // not a Linux, or it has just ended
    }
  }

  /** What it last wrote to its standard error. */
  lastWords(): string {
    return this.words();
  }

  /** At once, and also where it does not listen any more. */
  kill(): void {
    const { pid } = this;
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself in this moment.
    }
  }

  /** Ends it once its calls have ended: they end by their time limit at the latest. */
  async retire(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => (this.idle = resolve));
    await this.close();
  }

  /** Closes its input, on which it ends; it is told to by signals where it does not. */
  async close(): Promise<void> {
    await this.client.close();
  }
}

/** The SDK's code for a request without an answer in time; it is also what a call to a stopped process ends in. */
export function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === -32001;
}
