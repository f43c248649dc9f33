import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { reach } from '../crash/crash-points.js';
import type { ErrorCode } from '../errors/coded-error.js';
import { type Booking, type CallReport, Ledger } from '../ledger/ledger.js';
import type { SignedAuthorization } from '../money/authorization.js';
import { BookingNews } from './booking-news.js';
import { BudgetService } from './budget.service.js';
import type { Outcome, Purchase } from './purchase.js';

/** A stop waits this long for answers that are still coming in. */
const STOP_WITHIN_MS = 30_000;
/** A booking that could not be written (a full disk) is tried again so often, and so many times: for an hour. */
const RETRY_EVERY_MS = 5000;
const MAX_RETRIES = 720;

/** Records what was signed for a purchase, and books how it ended, once. */
@Injectable()
export class BookingService implements OnApplicationShutdown {
  private readonly logger = new Logger(BookingService.name);
  private readonly open = new Set<Promise<unknown>>();
  private readonly unwritten = new Map<Purchase, { outcome: Outcome; retries: number }>();
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly budget: BudgetService,
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly news: BookingNews,
  ) {}

  /**
   * Records in the ledger what was signed; once it resolves the record is on disk, and the signature may leave.
   * @throws CodedError spending_stopped when that has been stopped since the hold was placed: the signature is to be dropped
   */
  async sign(purchase: Purchase, authorization: SignedAuthorization): Promise<void> {
    this.budget.refuseWhenPaused();
    purchase.signed = await this.ledger.sign(purchase.holdId, authorization);
    this.budget.roomMayBeBack();
  }

  /**
   * Books the purchase once its outcome is known. Calling it again gives the same booking.
   * @throws CodedError ledger_unavailable | audit_unavailable: the purchase keeps counting as it stood, and its booking is tried again
   */
  book(purchase: Purchase): Promise<Booking> {
    if (!purchase.booking) {
      const booking = this.write(purchase);
      purchase.booking = booking;
      this.open.add(booking);
      void booking
        .catch((error: unknown) => this.logger.error(`${purchase.holdId} could not be booked and keeps counting: ${String(error)}`))
        .finally(() => this.open.delete(booking));
    }
    return purchase.booking;
  }

  /** The client left before anybody took the purchase over: its hold goes back. */
  abandon(purchase: Purchase): void {
    if (!purchase.claim()) return;
    purchase.conclude({
      kind: 'released',
      code: 'client_closed_request',
      reason: 'the client left before anything was asked of the seller',
    });
    void this.book(purchase).catch(() => undefined);
  }

  /** Waits, within a bound, for every booking, those of clients that have left too. What is not booked by then keeps counting as signed. */
  async onApplicationShutdown(): Promise<void> {
    const bound = new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref());
    await Promise.race([Promise.allSettled(this.open), bound]);
    clearTimeout(this.retry);
    await this.writeUnwritten();
    clearTimeout(this.retry);
  }

  private async write(purchase: Purchase): Promise<Booking> {
    const outcome = await purchase.outcome;
    try {
      const booking = await this.writeOutcome(purchase, outcome);
      if (booking.hold.state === 'settled') reach('settled-committed');
      this.news.tell(purchase, outcome, { isWritten: true });
      return booking;
    } catch (error) {
      this.unwritten.set(purchase, { outcome, retries: 0 });
      this.retryLater();
      this.news.tell(purchase, outcome, { isWritten: false });
      throw error;
    } finally {
      this.budget.roomMayBeBack();
    }
  }

  private retryLater(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.writeUnwritten(), RETRY_EVERY_MS).unref();
  }

  private async writeUnwritten(): Promise<void> {
    for (const [purchase, waiting] of this.unwritten) {
      try {
        const { totals } = await this.writeOutcome(purchase, waiting.outcome);
        this.unwritten.delete(purchase);
        this.logger.log(`${purchase.holdId} is booked now, on ${totals.day}`);
        this.news.totalsChanged();
      } catch (error) {
        waiting.retries += 1;
        if (waiting.retries < MAX_RETRIES) continue;
        this.unwritten.delete(purchase);
        this.logger.error(`${purchase.holdId} keeps counting as it stands: ${String(error)}`);
      }
    }
    if (this.unwritten.size > 0) this.retryLater();
  }

  private writeOutcome({ holdId, order, startedAt }: Purchase, outcome: Outcome): Promise<Booking> {
    const facts = {
      dryRun: this.configuration.dryRun,
      streamed: order.streamed,
      durationMs: Math.round(performance.now() - startedAt),
    };
    switch (outcome.kind) {
      case 'free':
        return this.ledger.release(holdId, { answered: true, report: { ...facts, event: 'chat_completion' } });
      case 'released': {
        const { code, reason } = outcome;
        return this.ledger.release(holdId, { answered: false, report: { ...facts, event: eventOf(code), code, reason } });
      }
      case 'settled': {
        const { receipt, code, reason } = outcome;
        return this.ledger.settle(holdId, { receipt, report: { ...facts, event: 'chat_completion', code, reason } });
      }
      case 'unresolved': {
        const { sellerSays, code, reason } = outcome;
        const event = outcome.delivered ? 'chat_completion' : 'upstream_error';
        return this.ledger.leaveUnresolved(holdId, { sellerSays, report: { ...facts, event, code, reason } });
      }
      default:
        return outcome satisfies never;
    }
  }
}

const BUDGET_CODES: readonly ErrorCode[] = [
  'daily_limit_reached',
  'minute_limit_reached',
  'concurrency_limit_reached',
  'budget_in_flight',
  'price_above_maximum',
  'spending_stopped',
];
const REFUSAL_CODES: readonly ErrorCode[] = ['offer_refused', 'payee_refused', 'price_implausible', 'challenge_unreadable', 'payer_failed'];

/** The audit tells a refusal of ours from a failure of the seller. */
function eventOf(code: ErrorCode): CallReport['event'] {
  if (BUDGET_CODES.includes(code)) return 'budget_reject';
  return REFUSAL_CODES.includes(code) ? 'payment_refused' : 'upstream_error';
}
