import { Inject, Injectable } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { formatUsd } from '../money/micro-usd.js';
import { USDC } from '../money/usdc.js';
import { PayeePins } from '../payment/payee-pins.js';
import { Payer } from '../payment/payer.js';
import { Chains } from '../reconciliation/chain.js';
import { reasonOf } from '../errors/reason-of.js';

/** How old a balance may be before the node is asked again. */
const BALANCE_AGE_MS = 60_000;

export interface WalletFacts {
  /** Null in a dry run, which has no wallet. */
  address: string | null;
  /** Decimal string of USDC; null where no node is set, or it does not answer. */
  balanceUsd: string | null;
  balanceFault: string | null;
  /** Empty while nobody was paid yet. */
  payees: readonly string[];
  arePayeesSet: boolean;
}

/** Who pays, what is in the wallet, and who may be paid. The node is never waited for: it is asked beside, at most once a minute. */
@Injectable()
export class WalletView {
  private balance: Pick<WalletFacts, 'balanceUsd' | 'balanceFault'> = { balanceUsd: null, balanceFault: null };
  private askedAt = -Infinity;

  constructor(
    private readonly configuration: Configuration,
    private readonly pins: PayeePins,
    @Inject(Payer) private readonly payer: Payer,
    @Inject(Chains) private readonly chains: Chains,
  ) {}

  async facts(): Promise<WalletFacts> {
    const { dryRun, payees } = this.configuration;
    if (!dryRun) this.refresh();
    return {
      address: dryRun ? null : this.payer.address,
      ...this.balance,
      payees: (await this.pins.trusted(this.network)) ?? [],
      arePayeesSet: payees !== undefined,
    };
  }

  private get network(): string {
    return USDC[this.configuration.paymentNetwork].network;
  }

  private refresh(): void {
    const { payer } = this;
    const chain = this.chains.get(this.network);
    const now = performance.now();
    if (!chain || now - this.askedAt < BALANCE_AGE_MS) return;
    this.askedAt = now;
    if (this.balance.balanceUsd === null) this.balance = { balanceUsd: null, balanceFault: 'The node is being asked.' };
    chain.balanceOf(payer.address).then(
      (amount) => (this.balance = { balanceUsd: formatUsd(amount), balanceFault: null }),
      (error: unknown) => (this.balance = { balanceUsd: null, balanceFault: reasonOf(error) }),
    );
  }
}
