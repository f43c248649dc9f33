import { Inject, Injectable } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { reach } from '../crash/crash-points.js';
import type { CodedError } from '../errors/coded-error.js';
import { type HoldClaim, Ledger, type Placement } from '../ledger/ledger.js';
import type { MicroUsd } from '../money/micro-usd.js';
import { HoldQueue } from './hold-queue.js';
import { HoldRefusals } from './hold-refusals.js';
import { PauseFile } from './pause-file.js';
import { type Order, Purchase } from './purchase.js';

/** Places holds under the limits, and says why there is no room. */
@Injectable()
export class BudgetService {
  private readonly queue: HoldQueue;

  constructor(
    private readonly configuration: Configuration,
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly refusals: HoldRefusals,
    private readonly pauseFile: PauseFile,
  ) {
    this.queue = new HoldQueue(configuration.holdWaitMs, (claims) => this.placeInOrder(claims));
  }

  /**
   * Sets money aside for the order, waiting for calls in flight if need be.
   * @throws CodedError daily_limit_reached | minute_limit_reached | concurrency_limit_reached | budget_in_flight | spending_stopped
   */
  async place(order: Order, isGone: () => boolean): Promise<Purchase> {
    const placed = await this.queue.enter(this.claimOf(order), isGone).catch(async (error: unknown) => {
      throw await this.refusals.ofFault(order, error);
    });
    if (placed.kind === 'cap-reached') throw await this.refusals.ofLimit(order, placed);
    reach('hold-placed');
    return new Purchase(order, placed);
  }

  /** Fails while the pause file is there. @throws CodedError spending_stopped */
  refuseWhenPaused(): void {
    this.pauseFile.refuseWhenThere();
  }

  /** A hold has shrunk or ended: whoever waits for room looks again. */
  roomMayBeBack(): void {
    this.queue.roomMayBeBack();
  }

  /** Why a price above the purchase's hold cannot be paid: it is too much for one request, or for what a limit has left. */
  async priceRefusal({ order, placed }: Purchase, priceMicroUsd: MicroUsd): Promise<CodedError> {
    const { day, amountMicroUsd: ownHoldMicroUsd } = placed.hold;
    const limits = await this.ledger.limitUses(this.claimOf(order), day);
    const { maxPerRequestMicroUsd } = this.configuration;
    return this.refusals.ofPrice(priceMicroUsd, { limits, maxPerRequestMicroUsd, ownHoldMicroUsd });
  }

  private async placeInOrder(claims: readonly HoldClaim[]): Promise<Placement[]> {
    this.refuseWhenPaused();
    return this.ledger.placeInOrder(claims);
  }

  private claimOf({ requestId: id, model, client }: Order): HoldClaim {
    const { maxPerRequestMicroUsd, dailyCapMicroUsd, maxPerMinuteMicroUsd, maxRequestsPerMinute, maxConcurrent } = this.configuration;
    return {
      id,
      model,
      maxMicroUsd: maxPerRequestMicroUsd,
      capMicroUsd: dailyCapMicroUsd,
      microUsdPerMinute: maxPerMinuteMicroUsd,
      requestsPerMinute: maxRequestsPerMinute,
      concurrent: maxConcurrent,
      client: client && {
        name: client.name,
        capMicroUsd: client.dailyCapMicroUsd,
        microUsdPerMinute: client.maxPerMinuteMicroUsd,
        requestsPerMinute: client.maxRequestsPerMinute,
      },
    };
  }
}
