import { Injectable } from '@nestjs/common';
import { BudgetOverview } from '../budget/budget-overview.js';
import type { BudgetStatus } from '../budget/budget-status.js';
import { type Health, HealthService } from '../health/health.service.js';
import { SpendingControl } from '../ledger/spending-control.js';

/** Health is looked into less often than the figures: a check writes to the disk. */
const HEALTH_AGE_MS = 15_000;

export interface BudgetFacts extends BudgetStatus {
  /** Why operators, or an overrun, have stopped spending. */
  stops: string[];
  health: Health;
}

/** Today against the cap, and whether anything keeps the proxy from paying. */
@Injectable()
export class BudgetView {
  private health: Health | undefined;
  private checkedAt = -Infinity;

  constructor(
    private readonly budget: BudgetOverview,
    private readonly control: SpendingControl,
    private readonly healthService: HealthService,
  ) {}

  async facts(): Promise<BudgetFacts> {
    const { stops } = await this.control.state();
    return { ...(await this.budget.status()), stops, health: await this.currentHealth() };
  }

  /** Something was done about spending: the next look checks again. */
  forgetHealth(): void {
    this.health = undefined;
  }

  private async currentHealth(): Promise<Health> {
    const now = performance.now();
    if (!this.health || now - this.checkedAt >= HEALTH_AGE_MS) {
      this.health = await this.healthService.check();
      this.checkedAt = now;
    }
    return this.health;
  }
}
