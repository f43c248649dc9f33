import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Instance } from '../ledger/instance.js';
import { Ledger, type OpenHold } from '../ledger/ledger.js';
import { LedgerSummary } from '../ledger/ledger-summary.js';
import { ReconciliationService } from './reconciliation.service.js';

const SWEEP_EVERY_MS = 15_000;

/**
 * Looks after the holds of processes that are gone, at the start and while running: what they had not signed expires, what they had signed
 * becomes unresolved and keeps counting. Then the unresolved payments of all are looked into.
 */
@Injectable()
export class RecoveryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RecoveryService.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly instance: Instance,
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly reconciliation: ReconciliationService,
    private readonly summary: LedgerSummary,
  ) {}

  /** The first sweep is done before the first request is served. @throws CodedError ledger_unavailable | audit_unavailable: the proxy does not start */
  async onApplicationBootstrap(): Promise<void> {
    await this.recover();
    this.lookInto();
    this.timer = setInterval(() => this.sweep(), SWEEP_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Ends the holds of dead processes as far as is known without a proof. Returns how many there were. */
  async recover(): Promise<number> {
    await this.instance.beat();
    const lost = await this.ledger.endLost();
    if (lost > 0)
      this.logger.warn(
        `${lost} holds of which the ledger had given no answer: unsigned ones expired, signed ones count until there is proof`,
      );
    // In this order: whoever starts in between is not in the holds yet, and its own are not taken for those of a dead process.
    const open = await this.ledger.openHolds();
    const { living, dead } = await this.instance.all();
    const left = open.filter(({ hold, owner }) => hold.state !== 'unresolved' && !living.has(owner ?? ''));
    for (const hold of left) await this.takeOver(hold);
    await this.instance.bury(dead);
    if (left.length > 0) {
      this.summary.changed();
      this.logger.warn(`${left.length} holds of a process that is gone: unsigned ones expired, signed ones count until there is proof`);
    }
    return left.length;
  }

  private async takeOver(open: OpenHold): Promise<void> {
    try {
      await this.end(open);
    } catch (error) {
      if (await this.isAsItWas(open)) throw error;
      // Somebody else was quicker, or it was not dead after all: what the hold is now, the next sweep judges.
    }
  }

  private async end({ hold, since }: OpenHold): Promise<void> {
    const lost = `the process that placed the hold is gone; it came so far at ${since.toISOString()}`;
    if (hold.state === 'held') await this.ledger.expire(hold.id, { event: 'hold_expired', reason: lost });
    else await this.ledger.leaveUnresolved(hold.id, { report: { event: 'payment_unresolved', reason: lost } });
  }

  private async isAsItWas({ hold: { id, state } }: OpenHold): Promise<boolean> {
    return (await this.ledger.openHolds()).some(({ hold }) => hold.id === id && hold.state === state);
  }

  private sweep(): void {
    this.running = this.running
      .then(() => this.recover())
      .then(
        () => this.lookInto(),
        (error: unknown) => this.logger.error(`The sweep failed and comes again: ${String(error)}`),
      );
  }

  /** Not waited for: a slow chain node holds nothing up. */
  private lookInto(): void {
    void this.reconciliation.resolve().then(
      (resolved) => void (resolved.some(({ resolution }) => resolution.kind !== 'wait') && this.summary.changed()),
      (error: unknown) => {
        this.summary.changed(); // some may have been booked before it failed
        this.logger.warn(`Unresolved payments stay so for now: ${String(error)}`);
      },
    );
  }
}
