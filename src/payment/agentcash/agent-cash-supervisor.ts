import { Logger } from '@nestjs/common';
import { CodedError } from '../../errors/coded-error.js';
import { unavailable } from './agent-cash-fault.js';
import { type AgentCashServer, NoServerModeError } from './agent-cash-server.js';

export interface SupervisionLimits {
  /** Signatures after which a server is replaced. */
  maxCalls: number;
  /** Resident memory from which on it is replaced. */
  maxBytes: number;
  /** The rest before a new start after one that failed, doubled each time. */
  firstRestMs: number;
  longestRestMs: number;
}

/** How often memory is looked at, in calls. */
const CALLS_BETWEEN_LOOKS = 20;

/**
 * Keeps one `agentcash server` up. Whoever needs it waits only where none is up; one that grew too large or old is replaced by one that is
 * already up, and one that ended is started again at once, with rests that grow while that fails.
 */
export class AgentCashSupervisor {
  private readonly logger = new Logger('AgentCash');
  private current: AgentCashServer | undefined;
  private starting: Promise<void> | undefined;
  /** Why none is up, where the last start failed. */
  private fault: Error | undefined;
  private failures = 0;
  private restsUntil = 0;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private readonly leaving = new Set<Promise<void>>();

  /** @param open starts a server; it throws CodedError where no start is worth trying */
  constructor(
    private readonly open: () => Promise<AgentCashServer>,
    private readonly limits: SupervisionLimits,
  ) {}

  /**
   * The server that is up, or one that is being started. Undefined: this AgentCash has no server mode.
   * @throws CodedError payer_failed | payer_unavailable
   */
  async server(): Promise<AgentCashServer | undefined> {
    if (this.current) return this.current;
    if (!this.isResting) await this.launch();
    if (this.current) return this.current;
    if (this.fault instanceof NoServerModeError) return undefined;
    if (this.fault instanceof CodedError) throw this.fault;
    const retryAfterSeconds = Math.max(1, Math.ceil((this.restsUntil - Date.now()) / 1000));
    throw unavailable(`AgentCash could not be started (${this.fault?.message ?? 'it was stopped'})`, { retryAfterSeconds });
  }

  /** To be told after every call: replaces a server whose time has come. */
  async review(server: AgentCashServer): Promise<void> {
    if (server !== this.current || this.isResting) return;
    if (server.answers > 0) this.failures = 0;
    const isOld = server.calls >= this.limits.maxCalls;
    const isLarge = server.calls % CALLS_BETWEEN_LOOKS === 0 && server.residentBytes() > this.limits.maxBytes;
    if (isOld || isLarge) await this.launch();
  }

  /** To be told when a call got no answer in time: a server that does not answer a ping either is ended, and a new one started. */
  async suspect(server: AgentCashServer): Promise<void> {
    if (server !== this.current || (await server.isAlive()) || server !== this.current) return;
    this.logger.warn(`agentcash server (process ${server.pid}) does not answer: it is ended`);
    server.kill();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.starting;
    const { current } = this;
    this.current = undefined;
    await Promise.all([current?.close(), ...this.leaving]);
  }

  private get isResting(): boolean {
    return this.isStopped || Date.now() < this.restsUntil;
  }

  /** One start at a time, whoever asks for it. */
  private launch(): Promise<void> {
    this.starting ??= this.start().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async start(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const server = await this.open();
      const before = this.current;
      server.onGone = () => this.lose(server);
      this.current = server;
      this.fault = undefined;
      if (before) this.retire(before);
      this.logger.log(`agentcash server ${server.version} is up (process ${server.pid})`);
    } catch (error) {
      this.fault = error as Error;
      // What can be told without starting anything is looked at again at the next request.
      if (!(error instanceof CodedError)) this.restAfterFailure();
      const instead = error instanceof NoServerModeError ? '; each signature runs the command instead' : '';
      this.logger.warn(`agentcash server could not be started: ${this.fault.message}${instead}`);
    }
  }

  private retire(server: AgentCashServer): void {
    server.onGone = () => undefined;
    const leaving = server.retire().finally(() => this.leaving.delete(leaving));
    this.leaving.add(leaving);
  }

  private lose(server: AgentCashServer): void {
    if (server !== this.current) return;
    this.current = undefined;
    if (this.isStopped) return;
    const words = server.lastWords();
    this.fault = new Error(`it ended${words && `: ${words}`}`);
    this.logger.warn(`agentcash server has ended${words && `: ${words}`}; it is started again`);
    // One that has worked is started again at once; one that falls over each time is not.
    if (server.answers > 0) this.failures = 0;
    this.rest();
  }

  private restAfterFailure(): void {
    this.failures = Math.max(1, this.failures);
    this.rest();
  }

  /** The next start, after a rest: for nobody in particular, so that nobody has to wait for it. */
  private rest(): void {
    const { firstRestMs, longestRestMs } = this.limits;
    const restMs = this.failures === 0 ? 0 : Math.min(longestRestMs, firstRestMs * 2 ** (this.failures - 1));
    this.failures += 1;
    this.restsUntil = Date.now() + restMs;
    if (!this.isStopped) this.timer = setTimeout(() => void this.launch(), restMs).unref();
  }
}
