import { Module } from '@nestjs/common';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { BlockRunSeller } from './block-run.seller.js';
import { DryRunSeller } from './dry-run.seller.js';
import { PayeePinsModule } from './payee-pins.module.js';
import { Payer } from './payer.js';
import { PaymentService } from './payment.service.js';
import { Seller } from './seller.js';
import { walletKey } from './wallet-key.js';
import { X402Payer } from './x402.payer.js';

/** In a dry run there is no wallet, and nothing may ask for a signature. */
const noPayer: Payer = {
  address: '0x0000000000000000000000000000000000000000',
  authorize: () => Promise.reject(new CodedError('payer_failed', 'A dry run signs nothing.')),
};

@Module({
  imports: [ClockModule, PayeePinsModule],
  providers: [
    PaymentService,
    {
      provide: Payer,
      inject: [Configuration],
      useFactory: (configuration: Configuration): Payer => (configuration.dryRun ? noPayer : new X402Payer(walletKey(configuration))),
    },
    {
      provide: Seller,
      inject: [Configuration],
      useFactory: (configuration: Configuration): Seller => (configuration.dryRun ? new DryRunSeller() : new BlockRunSeller(configuration)),
    },
  ],
  exports: [PaymentService, Seller],
})
export class PaymentModule {}
