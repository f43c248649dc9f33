import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, utcDay } from '../clock/clock.js';
import { Ledger, type OpenHold } from '../ledger/ledger.js';
import { LedgerReader, type SignedPayment } from '../ledger/ledger-reader.js';
import { type Chain, type ChainTransfer, Chains } from './chain.js';
import { compareDay, type DayComparison, type DayFacts, settlementWindow } from './day-comparison.js';
import { type Resolution, resolutionOf } from './verdict.js';

/** A payment whose outcome nobody knew, and what was found out about it. */
export interface Resolved {
  open: OpenHold;
  resolution: Resolution;
}

type PaymentsAround = Pick<DayFacts, 'payments' | 'neighbours' | 'unasked'>;

/** Finds out what became of payments, and compares what was booked with what left the wallet. */
@Injectable()
export class ReconciliationService {
  private readonly logger = new Logger(ReconciliationService.name);
  private resolving: Promise<Resolved[]> | undefined;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly reader: LedgerReader,
    @Inject(Chains) private readonly chains: Chains<Chain>,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Looks into every unresolved payment and books what is proven. Two that ask at once share one run.
   * @throws CodedError chain_unavailable: what was not looked into keeps counting
   */
  resolve(): Promise<Resolved[]> {
    this.resolving ??= this.lookInto().finally(() => (this.resolving = undefined));
    return this.resolving;
  }

  /**
   * Compares the booked payments of a UTC day with the transfers that left the wallets. Its differences are shown and change nothing, but
   * for one: money taken for a hold that had been released is booked as an overrun, and stops spending. Undefined where no chain can be asked.
   * @throws CodedError chain_unavailable
   */
  async compare(day: string): Promise<DayComparison | undefined> {
    if (this.chains.size === 0) return undefined;
    const transfers = await this.transfersOf(await this.paymentsAround(day), day);
    // Read again: what was signed and taken in between is not foreign.
    const comparison = compareDay({ day, transfers, now: this.clock.now(), ...(await this.paymentsAround(day)) });
    for (const { payment, transfer } of comparison.overruns) {
      const reason = `${payment.holdId} was released, and the chain says that its payment was taken`;
      await this.ledger.bookOverrun(payment.holdId, { transaction: transfer.transaction, reason });
      this.logger.error(`Spending is stopped: ${reason} (${transfer.transaction})`);
    }
    return comparison;
  }

  /** What left the wallets that paid, each on its network. */
  private async transfersOf({ payments, neighbours }: PaymentsAround, day: string): Promise<ChainTransfer[]> {
    const wallets = new Map(
      [...payments, ...neighbours].map(({ authorization: { network, payer } }) => [`${network} ${payer}`, { network, payer }]),
    );
    const transfers = [];
    for (const { network, payer } of wallets.values()) {
      transfers.push(...((await this.chains.get(network)?.transfersFrom(payer, settlementWindow(day))) ?? []));
    }
    return transfers;
  }

  private async paymentsAround(day: string): Promise<PaymentsAround> {
    const dayAt = (distance: number) => utcDay(new Date(Date.parse(day) + distance * 86_400_000));
    const neighbours = [...(await this.reader.paymentsOf(dayAt(-1))), ...(await this.reader.paymentsOf(dayAt(1)))];
    const payments = await this.reader.paymentsOf(day);
    const canBeAsked = ({ authorization }: SignedPayment) => this.chains.has(authorization.network);
    const asked = payments.filter(canBeAsked);
    return { payments: asked, neighbours: neighbours.filter(canBeAsked), unasked: payments.length - asked.length };
  }

  private async lookInto(): Promise<Resolved[]> {
    const unresolved = (await this.ledger.openHolds()).filter(({ hold }) => hold.state === 'unresolved');
    const resolved: Resolved[] = [];
    let fault: unknown;
    for (const open of unresolved) {
      // One that cannot be looked into does not hold the others up.
      await this.resolveOne(open).then(
        (resolution) => resolved.push({ open, resolution }),
        (error: unknown) => (fault ??= error),
      );
    }
    if (fault !== undefined) throw fault as Error;
    return resolved;
  }

  private async resolveOne(open: OpenHold): Promise<Resolution> {
    const { authorization } = open;
    const use = authorization && (await this.chains.get(authorization.network)?.useOf(authorization));
    const resolution = resolutionOf(open, use, this.clock.now());
    await this.apply(open, resolution);
    return resolution;
  }

  private async apply({ hold }: OpenHold, resolution: Resolution): Promise<void> {
    if (resolution.kind === 'wait') return;
    const { kind, reason } = resolution;
    const report = { event: 'payment_reconciled', reason } as const;
    if (kind === 'release') await this.ledger.releaseProven(hold.id, report);
    else
      await this.ledger.settle(hold.id, {
        report,
        receipt: resolution.transaction === undefined ? undefined : { transaction: resolution.transaction },
      });
    this.logger.log(`${hold.id} is ${kind === 'settle' ? 'settled' : 'released'}: ${reason}`);
  }
}
