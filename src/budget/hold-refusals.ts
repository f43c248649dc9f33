import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import type { AuditEvent } from '../audit/audit-line.js';
import { Clock } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { countedMicroUsd } from '../ledger/hold.js';
import type { CapReached } from '../ledger/ledger.js';
import { isOfMoney, type LimitUse } from '../ledger/limit.js';
import { formatUsd, type MicroUsd, usdNumber } from '../money/micro-usd.js';
import { aboveMaximum, limitRefusal, roomIsBackRefusal } from './limit-refusal.js';
import type { Order } from './purchase.js';

/** Why a request gets no hold, or none that is large enough; a request without a hold leaves its line in the audit. */
@Injectable()
export class HoldRefusals {
  constructor(
    private readonly configuration: Configuration,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async ofLimit(order: Order, { totals, limit }: CapReached): Promise<CodedError> {
    const error = limitRefusal({ limit, neededMicroUsd: 1n, now: this.clock.now() });
    await this.audit.record({
      ...rejection(order, error, this.configuration),
      spentTodayUsd: usdNumber(totals.spentMicroUsd),
      day: totals.day,
      spentToday: formatUsd(totals.spentMicroUsd),
      heldToday: formatUsd(countedMicroUsd(totals) - totals.spentMicroUsd),
      limit: limit.client === undefined ? limit.kind : `${limit.kind} of ${limit.client}`,
    });
    return error;
  }

  /** What placing failed with; a stop is a refusal like that of a limit. */
  async ofFault(order: Order, error: unknown): Promise<unknown> {
    if (error instanceof CodedError && error.code === 'spending_stopped')
      await this.audit.record({ ...rejection(order, error, this.configuration), reason: error.message });
    return error;
  }

  /** Why a price above the hold cannot be paid. Without the own hold, which takes the room that there is. */
  ofPrice(
    priceMicroUsd: MicroUsd,
    { limits, maxPerRequestMicroUsd, ownHoldMicroUsd }: { limits: LimitUse[]; maxPerRequestMicroUsd: MicroUsd; ownHoldMicroUsd: MicroUsd },
  ): CodedError {
    if (priceMicroUsd > maxPerRequestMicroUsd) return aboveMaximum(priceMicroUsd, maxPerRequestMicroUsd);
    const others = limits.filter(isOfMoney).map((limit) => without(limit, ownHoldMicroUsd));
    const limit = others.find(({ used, max }) => used + priceMicroUsd > max);
    return limit ? limitRefusal({ limit, neededMicroUsd: priceMicroUsd, now: this.clock.now() }) : roomIsBackRefusal();
  }
}

function rejection({ requestId, model, streamed, client }: Order, { code }: CodedError, { dryRun }: Configuration): AuditEvent {
  return { event: 'budget_reject', model, dryRun, streamed, requestId, client: client?.name, code };
}

function without({ used, held, returnable, ...limit }: LimitUse, ownHold: MicroUsd): LimitUse {
  return { ...limit, used: used - ownHold, held: held - ownHold, returnable: returnable - ownHold };
}
