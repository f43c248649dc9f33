import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Chains } from '../reconciliation/chain.js';
import { DoctorBooks } from './doctor-books.js';
import { SellerProbe } from './seller-probe.js';

/** What the checks look at besides the settings. */
@Injectable()
export class DoctorSources {
  constructor(
    readonly books: DoctorBooks,
    readonly probe: SellerProbe,
    @Inject(Clock) readonly clock: Clock,
    @Inject(Chains) readonly chains: Chains,
  ) {}
}
