import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { Clock } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { SqlStore } from '../store/sql-store.js';
import type { Offer } from './offer.js';

/**
 * Which payees may be paid: those of `BLOCKRUN_PAY_TO`, else the one that this seller was first paid at. A seller that names another
 * payee later (a hijacked name, a changed server) is refused until the operator says that it is right.
 */
@Injectable()
export class PayeePins {
  private pinned: string | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Lower-case addresses, or undefined while nothing is set and nothing is pinned. */
  async trusted(network: string): Promise<readonly string[] | undefined> {
    if (this.configuration.payees) return this.configuration.payees;
    this.pinned ??= await this.read(network);
    return this.pinned === undefined ? undefined : [this.pinned];
  }

  /** Pins the offer's payee when this is the first use. Returns whether the offer's payee is the trusted one: two first calls may race. */
  async confirm({ network, payee }: Offer): Promise<boolean> {
    const trusted = await this.trusted(network);
    if (trusted) return trusted.includes(payee.toLowerCase());
    await this.store.write(async (tx) => {
      const { numInsertedOrUpdatedRows: pinned } = await tx
        .insertInto('payee_pin')
        .values({ seller: this.seller, network, payee: payee.toLowerCase(), pinned_at: BigInt(this.clock.now().getTime()) })
        .onConflict((conflict) => conflict.columns(['seller', 'network']).doNothing())
        .executeTakeFirstOrThrow();
      if (pinned) await this.audit.append(tx, { event: 'payee_pinned', seller: this.seller, paymentNetwork: network, payee });
    });
    return (await this.trusted(network))?.includes(payee.toLowerCase()) ?? false;
  }

  private get seller(): string {
    return this.configuration.chatUrl.host;
  }

  private async read(network: string): Promise<string | undefined> {
    const row = await this.store.reader
      .selectFrom('payee_pin')
      .select('payee')
      .where('seller', '=', this.seller)
      .where('network', '=', network)
      .executeTakeFirst();
    return row?.payee;
  }
}
