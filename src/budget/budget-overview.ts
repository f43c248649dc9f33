import { Inject, Injectable } from '@nestjs/common';
import { Clock, utcDay } from '../clock/clock.js';
import type { Client } from '../configuration/client.js';
import { Configuration } from '../configuration/configuration.js';
import { Ledger } from '../ledger/ledger.js';
import { type BudgetStatus, budgetStatusOf } from './budget-status.js';

/** How today's budget stands. */
@Injectable()
export class BudgetOverview {
  constructor(
    private readonly configuration: Configuration,
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** With the given client, or every one that is named or has spent today. */
  async status(only?: Client): Promise<BudgetStatus> {
    const now = this.clock.now();
    const day = utcDay(now);
    const { dailyCapMicroUsd, clients } = this.configuration;
    const [totals, clientTotals] = [await this.ledger.totals(day), await this.ledger.clientTotals(day)];
    const shown = only
      ? { clients: [only], clientTotals: clientTotals.filter(({ client }) => client === only.name) }
      : { clients, clientTotals };
    return budgetStatusOf({ totals, dailyCapMicroUsd, ...shown, now });
  }
}
