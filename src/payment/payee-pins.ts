import { Inject, Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { AuditLog } from '../audit/audit-log.js';
import { Clock } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { comparable } from '../money/usdc.js';
import { oneRowTemplate } from '../store/query-template.js';
import { SqlStore } from '../store/sql-store.js';
import type { Offer } from './offer.js';

/** Whom a seller may be paid at, and since when. */
export interface TrustedPayee {
  seller: string;
  network: string;
  payee: string;
  since: Date;
  /** Why an operator trusts it; undefined: it was the payee at the first payment. */
  reason: string | undefined;
}

/**
 * Which payees may be paid: those of `BLOCKRUN_PAY_TO`, else the one that an operator trusted last, else the one that this seller was first
 * paid at. A seller that names another payee later (a hijacked name, a changed server) is refused until the operator says that it is right.
 */
@Injectable()
export class PayeePins {
  private readonly logger = new Logger(PayeePins.name);
  private readonly current: ReturnType<typeof currentPayee>;
  /** As it was last read. */
  private pinned: string | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly store: SqlStore,
    private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.current = currentPayee(store);
  }

  /** Addresses as `comparable` has them, or undefined while nothing is set and nothing is pinned. Read anew each time: operators act beside a proxy that runs. */
  async trusted(network: string): Promise<readonly string[] | undefined> {
    if (this.configuration.payees) return this.configuration.payees;
    const { rows } = await this.store.reader.executeQuery(this.current({ seller: this.seller, network }));
    this.pinned = rows[0]?.payee;
    return this.pinned === undefined ? undefined : [this.pinned];
  }

  /** Pins the offer's payee when this is the first use. Returns whether the offer's payee is the trusted one: two first calls may race. */
  async confirm({ network, payee }: Offer): Promise<boolean> {
    const trusted = this.configuration.payees ?? (this.pinned === undefined ? undefined : [this.pinned]);
    if (trusted) return trusted.includes(comparable(payee));
    const isFirst = await this.store.write(async (tx) => {
      const { numInsertedOrUpdatedRows: pinned } = await tx
        .insertInto('payee_pin')
        .values({ seller: this.seller, network, payee: comparable(payee), pinned_at: BigInt(this.clock.now().getTime()) })
        .onConflict((conflict) => conflict.columns(['seller', 'network']).doNothing())
        .executeTakeFirstOrThrow();
      if (pinned) await this.audit.append(tx, { event: 'payee_pinned', seller: this.seller, paymentNetwork: network, payee });
      return Boolean(pinned);
    });
    if (isFirst) this.logger.warn(`${this.seller} asks to be paid at ${payee} on ${network}: from now on only this payee is paid`);
    return (await this.trusted(network))?.includes(comparable(payee)) ?? false;
  }

  /** From now on the seller of the settings is paid at this address alone. @throws CodedError ledger_unavailable | audit_unavailable */
  async trust(payee: string, { network, reason }: { network: string; reason: string }): Promise<void> {
    await this.store.write(async (tx, at) => {
      const [before] = (await tx.executeQuery(this.current({ seller: this.seller, network }))).rows;
      const now = at ?? this.clock.now();
      await tx
        .insertInto('payee_trust')
        .values({ seller: this.seller, network, payee: comparable(payee), at: BigInt(now.getTime()), reason })
        .execute();
      const facts = { seller: this.seller, paymentNetwork: network, payee, payeeBefore: before?.payee, reason };
      await this.audit.append(tx, { event: 'payee_trusted', ...facts });
    });
  }

  /** Of every seller and network that was ever paid, or that an operator trusted a payee for. */
  async list(): Promise<TrustedPayee[]> {
    const pins = await this.store.reader.selectFrom('payee_pin').selectAll().orderBy('seller').orderBy('network').execute();
    const words = await this.store.reader.selectFrom('payee_trust').selectAll().orderBy('seq').execute();
    const listed = new Map<string, TrustedPayee>();
    const keep = (payee: TrustedPayee) => listed.set(`${payee.seller} ${payee.network}`, payee);
    for (const { seller, network, payee, pinned_at: at } of pins) keep({ seller, network, payee, since: dateOf(at), reason: undefined });
    for (const { seller, network, payee, at, reason } of words) keep({ seller, network, payee, since: dateOf(at), reason });
    return [...listed.values()];
  }

  get seller(): string {
    return this.configuration.chatUrl.host;
  }
}

function dateOf(at: bigint): Date {
  return new Date(Number(at));
}

/** Whom a seller (the host of its URL) is paid at by the ledger alone; undefined: nobody yet. It only reads. */
export async function pinnedPayee(store: SqlStore, of: { seller: string; network: string }): Promise<string | undefined> {
  return (await store.reader.executeQuery(currentPayee(store)(of))).rows[0]?.payee;
}

/** The last word of an operator, else what was pinned on first use. Built and compiled once: it runs for every payment. */
function currentPayee({ reader }: SqlStore) {
  return oneRowTemplate<{ seller: string; network: string }, { payee: string }>((blank) =>
    reader
      .selectFrom('payee_trust')
      .select(['payee', 'seq'])
      .where('seller', '=', blank('seller'))
      .where('network', '=', blank('network'))
      .unionAll(
        reader
          .selectFrom('payee_pin')
          .select(['payee', sql<bigint>`0`.as('seq')])
          .where('seller', '=', blank('seller'))
          .where('network', '=', blank('network')),
      )
      .orderBy('seq', 'desc')
      .limit(1),
  );
}
