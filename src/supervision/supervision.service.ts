import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BudgetOverview } from '../budget/budget-overview.js';
import { Configuration } from '../configuration/configuration.js';
import { displayUsdText } from '../money/micro-usd.js';
import { ServiceManager } from './service-manager.js';
import { reasonOf } from '../errors/reason-of.js';

const STATUS_EVERY_MS = 10_000;
/** A notice that is late by a half is still in time. */
const NOTICES_PER_WATCHDOG = 3;

/**
 * Keeps the service manager informed: ready once requests are served, then what of today's budget is spent, and a sign of life. The sign
 * comes from a timer of the event loop: while that is blocked none comes, and the manager ends the process.
 */
@Injectable()
export class SupervisionService implements BeforeApplicationShutdown, OnApplicationShutdown {
  private status: NodeJS.Timeout | undefined;
  private sign: NodeJS.Timeout | undefined;
  private lastStatus = '';

  constructor(
    private readonly configuration: Configuration,
    private readonly manager: ServiceManager,
    private readonly budget: BudgetOverview,
  ) {}

  /** The ledger is recovered, and requests are served. */
  async ready(): Promise<void> {
    const { notifySocket, watchdogMs } = this.configuration.supervision;
    if (notifySocket === undefined) return;
    this.manager.tell('READY=1');
    await this.tellStatus();
    this.status = setInterval(() => void this.tellStatus(), STATUS_EVERY_MS);
    if (watchdogMs !== undefined) this.sign = setInterval(() => this.manager.tell('WATCHDOG=1'), watchdogMs / NOTICES_PER_WATCHDOG);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.status);
    this.manager.tell('STOPPING=1');
  }

  /** Running answers end before this, and signs of life go on until then. */
  onApplicationShutdown(): void {
    clearInterval(this.sign);
  }

  private async tellStatus(): Promise<void> {
    const status = await this.budget.status().then(
      ({ day, spentUsd, capUsd, heldUsd, calls }) =>
        `${displayUsdText(spentUsd)} of ${displayUsdText(capUsd)} spent on ${day} (UTC) in ${calls} calls, ${displayUsdText(heldUsd)} held`,
      (error: unknown) => `nothing can be paid: ${reasonOf(error)}`,
    );
    if (status === this.lastStatus) return;
    this.lastStatus = status;
    this.manager.tell(`STATUS=${status}`);
  }
}
