import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CodedError } from '../../errors/coded-error.js';
import { USDC } from '../../money/usdc.js';
import type { Offer } from '../offer.js';
import type { Payer, SignedPayment } from '../payer.js';
import { AgentCashCommand, CommandFailedError, CommandTimeoutError } from './agent-cash-command.js';
import { faultFrom, refused, unavailable } from './agent-cash-fault.js';
import { type AgentCashOrder, orderFor } from './agent-cash-order.js';
import type { AgentCashOutcome } from './agent-cash-output.js';
import { findAgentCash } from './agent-cash-program.js';
import { AgentCashServer, isTimeout, type ServerLimits } from './agent-cash-server.js';
import { AgentCashSupervisor, type SupervisionLimits } from './agent-cash-supervisor.js';
import { type AgentCashSetting, AgentCashWallet } from './agent-cash-wallet.js';
import type { Rail } from './rail.js';
import { SigningEndpoint, type SigningPath } from './signing-endpoint.js';

export interface AgentCashLimits extends ServerLimits, SupervisionLimits {
  /** For a signature by the command, waiting for its turn not counted. */
  commandMs: number;
}

const MIB = 1024 * 1024;
const LIMITS: AgentCashLimits = {
  startMs: 20_000,
  callMs: 10_000,
  pingMs: 2_000,
  commandMs: 20_000,
  maxCalls: 1_000,
  maxBytes: 400 * MIB,
  firstRestMs: 1_000,
  longestRestMs: 60_000,
};

/**
 * Has AgentCash sign, and never pay: it is shown an endpoint of ours that asks for exactly the offer, and what it sends there is the
 * signature. It keeps the port's promise by what is caught there alone, whatever AgentCash says: who signed is found out here, the
 * fields are compared by `checkSigned`, and a signature that comes after its time goes nowhere.
 */
export class AgentCashPayer implements Payer, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly wallet: AgentCashWallet;
  private readonly endpoint = new SigningEndpoint();
  private readonly command = new AgentCashCommand();
  private readonly supervisor: AgentCashSupervisor;
  private readonly limits: AgentCashLimits;

  /** @throws CodedError payer_failed when there is no AgentCash or no wallet */
  constructor(
    private readonly setting: Pick<AgentCashSetting, 'agentCash'>,
    private readonly rail: Rail,
    limits: Partial<AgentCashLimits> = {},
  ) {
    this.limits = { ...LIMITS, ...limits };
    this.wallet = new AgentCashWallet(setting, rail);
    findAgentCash(setting.agentCash);
    this.supervisor = new AgentCashSupervisor(() => this.openServer(), this.limits);
  }

  get address(): string {
    return this.wallet.address;
  }

  /** Starts AgentCash before anybody needs it. Where that fails the log says so, and so does every answer until it works. */
  async onApplicationBootstrap(): Promise<void> {
    await this.supervisor.server().catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.supervisor.stop(), this.command.stop()]);
    await this.endpoint.stop();
  }

  async authorize(offer: Offer): Promise<SignedPayment> {
    const terms = await this.rail.terms(offer);
    const path = await this.endpoint.offer(offer, terms.extra).catch((cause: unknown) => {
      throw unavailable('The proxy could not open the address at which AgentCash signs', { cause });
    });
    try {
      return await this.proven(terms.read(await this.signed(path, offer)));
    } finally {
      path.close();
    }
  }

  /** The payload that is caught at the path. @throws CodedError where AgentCash is done, or its time is up, and nothing was */
  private async signed(path: SigningPath, offer: Offer): Promise<unknown> {
    const server = await this.supervisor.server();
    const order = orderFor(offer, path.url, this.rail.name);
    const call = server ? this.callServer(server, order) : this.callCommand(order);
    const fault = call.then(
      (outcome) => faultFrom(outcome, { offer, address: this.address, isAsked: path.isAsked() }),
      (error: unknown) => this.faultOf(error),
    );
    await Promise.race([path.caught, fault]);
    if (!path.isCaught()) throw await fault;
    return path.caught;
  }

  private async callServer(server: AgentCashServer, order: AgentCashOrder): Promise<AgentCashOutcome> {
    try {
      return await server.fetch(order);
    } catch (error) {
      if (isTimeout(error)) void this.supervisor.suspect(server);
      throw error;
    } finally {
      void this.supervisor.review(server);
    }
  }

  private async callCommand(order: AgentCashOrder): Promise<AgentCashOutcome> {
    this.wallet.verify();
    const surroundings = { environment: this.wallet.environment, timeoutMs: this.limits.commandMs };
    return this.command.fetch(findAgentCash(this.setting.agentCash), order, surroundings);
  }

  /** There is no answer at all. */
  private faultOf(cause: unknown): CodedError {
    if (cause instanceof CodedError) return cause;
    if (cause instanceof CommandTimeoutError || isTimeout(cause)) {
      return unavailable('AgentCash did not sign in time: it hangs, or its balance service does', { cause });
    }
    if (cause instanceof CommandFailedError) return refused(`AgentCash cannot be run (${cause.message})`, cause);
    return unavailable('AgentCash ended before it had signed', { cause });
  }

  private async proven(payment: SignedPayment | undefined): Promise<SignedPayment> {
    const { networkName } = USDC[this.rail.name];
    if (!payment) throw refused(`AgentCash sent something else than an authorization for USDC on ${networkName}`);
    if (await this.rail.isSignedByWallet(payment, this.address)) return payment;
    throw refused(`What AgentCash sent was not signed by the wallet ${this.address} for USDC on ${networkName}`);
  }

  private async openServer(): Promise<AgentCashServer> {
    this.wallet.verify();
    return AgentCashServer.start(findAgentCash(this.setting.agentCash), this.wallet.environment, this.limits);
  }
}
