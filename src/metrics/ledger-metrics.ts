import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { BudgetOverview } from '../budget/budget-overview.js';
import type { BudgetStatus } from '../budget/budget-status.js';
import { HealthService } from '../health/health.service.js';
import { Ledger } from '../ledger/ledger.js';
import { usdNumber } from '../money/micro-usd.js';
import { MetricsRegistry } from './metrics-registry.js';

/** The figures of the ledger, read from it when somebody asks, so that they are those of the ledger. What cannot be read is left out. */
@Injectable()
export class LedgerMetrics {
  private readonly logger = new Logger(LedgerMetrics.name);
  private readonly budgets: Record<keyof Amounts, Gauge>;
  private readonly calls: Gauge;
  private readonly unresolved: Gauge;
  private readonly spent: Counter;
  private readonly canPay: Gauge;
  private readonly isStopped: Gauge;

  constructor(
    registry: MetricsRegistry,
    private readonly budget: BudgetOverview,
    private readonly health: HealthService,
    @Inject(Ledger) private readonly ledger: Ledger,
  ) {
    const registers = [registry];
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
    this.budgets = {
      capUsd: gauge('blockrun_budget_cap_usd', 'The daily cap, with what an operator has added for today.'),
      spentUsd: gauge('blockrun_budget_spent_usd', 'Spent today (UTC).'),
      heldUsd: gauge('blockrun_budget_held_usd', 'Set aside today for calls in flight and for unresolved payments.'),
      unresolvedUsd: gauge('blockrun_budget_unresolved_usd', 'The part of what is held whose outcome nobody knows.'),
      remainingUsd: gauge('blockrun_budget_remaining_usd', 'What is left of today.'),
    };
    this.calls = gauge('blockrun_budget_calls', 'Calls of today that were paid, or answered for nothing.');
    this.unresolved = gauge('blockrun_unresolved_payments', 'Payments of any day whose outcome nobody knows.');
    this.spent = new Counter({ name: 'blockrun_spent_usd_total', help: 'Spent on all days of the ledger.', registers });
    this.canPay = gauge('blockrun_can_pay', '1 while payments are possible, 0 while something stops them.');
    this.isStopped = gauge('blockrun_spending_stopped', '1 while an operator or an overrun has stopped spending.');
  }

  async read(): Promise<void> {
    const { ok, state } = await this.health.check();
    this.canPay.set(ok ? 1 : 0);
    this.isStopped.set(state === 'stopped' ? 1 : 0);
    try {
      this.show(await this.budget.status());
      const days = await this.ledger.allTotals();
      const unresolved = (await this.ledger.openHolds()).filter(({ hold }) => hold.state === 'unresolved');
      this.unresolved.set(unresolved.length);
      this.spent.reset();
      this.spent.inc(usdNumber(days.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0n)));
    } catch (error) {
      this.logger.warn(`The metrics come without the ledger: ${String(error)}`);
      for (const metric of [...Object.values(this.budgets), this.calls, this.unresolved, this.spent]) metric.remove();
    }
  }

  private show({ calls, ...amounts }: BudgetStatus): void {
    this.calls.set(calls);
    for (const [name, gauge] of Object.entries(this.budgets)) gauge.set(Number(amounts[name as keyof Amounts]));
  }
}

type Amounts = Pick<BudgetStatus, 'capUsd' | 'spentUsd' | 'heldUsd' | 'unresolvedUsd' | 'remainingUsd'>;
