import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { Clock, utcDay } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { reach } from '../crash/crash-points.js';
import type { CodedError } from '../errors/coded-error.js';
import { countedMicroUsd } from '../ledger/hold.js';
import { type CapReached, Ledger } from '../ledger/ledger.js';
import { formatUsd, type MicroUsd, usdNumber } from '../money/micro-usd.js';
import { type BudgetStatus, budgetStatusOf } from './budget-status.js';
import { aboveMaximum, capRefusal } from './cap-refusal.js';
import { HoldQueue } from './hold-queue.js';
import { type Order, Purchase } from './purchase.js';

/** Places holds under the daily cap, and says why there is no room. */
@Injectable()
export class BudgetService {
  private readonly queue: HoldQueue;

  constructor(
    private readonly configuration: Configuration,
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.queue = new HoldQueue(configuration.holdWaitMs);
  }

  /** Sets money aside for the order, waiting for calls in flight if need be. @throws CodedError daily_limit_reached | budget_in_flight */
  async place(order: Order, gone: AbortSignal): Promise<Purchase> {
    const claim = {
      id: order.requestId,
      model: order.model,
      maxMicroUsd: this.configuration.maxPerRequestMicroUsd,
      capMicroUsd: this.configuration.dailyCapMicroUsd,
    };
    const placed = await this.queue.enter(() => this.ledger.place(claim), gone);
    if (placed.kind === 'cap-reached') throw await this.rejected(order, placed);
    reach('hold-placed');
    return new Purchase(order, placed);
  }

  /** A hold has shrunk or ended: whoever waits for room looks again. */
  roomMayBeBack(): void {
    this.queue.roomMayBeBack();
  }

  /** Why a price above the purchase's hold cannot be paid: it is too much for one request, or for what is left of the day. */
  async priceRefusal(purchase: Purchase, priceMicroUsd: MicroUsd): Promise<CodedError> {
    const { maxPerRequestMicroUsd } = this.configuration;
    if (priceMicroUsd > maxPerRequestMicroUsd) return aboveMaximum(priceMicroUsd, maxPerRequestMicroUsd);
    const { day, amountMicroUsd: ownHold } = purchase.placed.hold;
    const totals = await this.ledger.totals(day);
    return capRefusal({
      totals: { ...totals, heldMicroUsd: totals.heldMicroUsd - ownHold },
      capMicroUsd: this.configuration.dailyCapMicroUsd,
      neededMicroUsd: priceMicroUsd,
      now: this.clock.now(),
    });
  }

  async status(): Promise<BudgetStatus> {
    const now = this.clock.now();
    return budgetStatusOf(await this.ledger.totals(utcDay(now)), this.configuration.dailyCapMicroUsd, now);
  }

  private async rejected(order: Order, { totals }: CapReached): Promise<CodedError> {
    const { dailyCapMicroUsd: capMicroUsd, dryRun } = this.configuration;
    const error = capRefusal({ totals, capMicroUsd, neededMicroUsd: 1n, now: this.clock.now() });
    await this.audit.record({
      event: 'budget_reject',
      model: order.model,
      dryRun,
      streamed: order.streamed,
      spentTodayUsd: usdNumber(totals.spentMicroUsd),
      requestId: order.requestId,
      day: totals.day,
      spentToday: formatUsd(totals.spentMicroUsd),
      heldToday: formatUsd(countedMicroUsd(totals) - totals.spentMicroUsd),
      code: error.code,
    });
    return error;
  }
}
