import { Injectable } from '@nestjs/common';
import { CallFeed } from '../calls/call-feed.js';
import { LedgerSummary } from '../ledger/ledger-summary.js';
import type { Outcome, Purchase } from './purchase.js';

/** Who hears of a purchase that is over: `ledger.json`, and those who follow calls. */
@Injectable()
export class BookingNews {
  constructor(
    private readonly summary: LedgerSummary,
    private readonly feed: CallFeed,
  ) {}

  /** Told once for each purchase, whether its booking could be written at once or not. Facts only, and a code in place of what the seller said. */
  tell({ order, placed, signed, receipt, times }: Purchase, outcome: Outcome, { isWritten }: { isWritten: boolean }): void {
    const { requestId: id, receivedAt, model, streamed, client } = order;
    const isPaid = outcome.kind === 'settled' || outcome.kind === 'unresolved';
    this.totalsChanged();
    this.feed.tell({
      id,
      endedAt: new Date(),
      model,
      client: client?.name,
      streamed,
      state: isWritten ? outcome.kind : 'unbooked',
      code: 'code' in outcome ? outcome.code : undefined,
      priceMicroUsd: isPaid ? (signed ?? placed).hold.amountMicroUsd : 0n,
      transaction: receipt?.transaction,
      totalMs: performance.now() - receivedAt,
      times,
    });
  }

  totalsChanged(): void {
    this.summary.changed();
  }
}
