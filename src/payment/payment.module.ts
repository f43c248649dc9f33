import { Module } from '@nestjs/common';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { BlockRunSeller } from './block-run.seller.js';
import { DryRunSeller } from './dry-run.seller.js';
import { PayeePinsModule } from './payee-pins.module.js';
import { PayerModule } from './payer.module.js';
import { PaymentService } from './payment.service.js';
import { Seller } from './seller.js';

@Module({
  imports: [ClockModule, PayeePinsModule, PayerModule],
  providers: [
    PaymentService,
    {
      provide: Seller,
      inject: [Configuration],
      useFactory: (configuration: Configuration): Seller => (configuration.dryRun ? new DryRunSeller() : new BlockRunSeller(configuration)),
    },
  ],
  exports: [PaymentService, Seller],
})
export class PaymentModule {}
