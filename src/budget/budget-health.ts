import { Inject, Injectable } from '@nestjs/common';
import { Clock, utcDay } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { countedMicroUsd } from '../ledger/hold.js';
import { Ledger } from '../ledger/ledger.js';
import { PauseFile } from './pause-file.js';

/** Whether holds can be placed at all. */
@Injectable()
export class BudgetHealth {
  constructor(
    private readonly configuration: Configuration,
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(Clock) private readonly clock: Clock,
    private readonly pauseFile: PauseFile,
  ) {}

  /** Fails with what refuses every hold now, whatever room there is. @throws CodedError clock_unreliable | spending_stopped */
  async verifyOpen(): Promise<void> {
    await this.ledger.verifyOpen();
    this.pauseFile.refuseWhenThere();
  }

  /** Whether nothing is left of today. */
  async isUsedUp(): Promise<boolean> {
    const totals = await this.ledger.totals(utcDay(this.clock.now()));
    return countedMicroUsd(totals) >= this.configuration.dailyCapMicroUsd + totals.raisedMicroUsd;
  }
}
