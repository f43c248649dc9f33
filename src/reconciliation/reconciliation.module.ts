import { Module } from '@nestjs/common';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { Chain } from './chain.js';
import { ReconciliationService } from './reconciliation.service.js';
import { RpcChain } from './rpc.chain.js';

@Module({
  imports: [ClockModule, LedgerModule],
  providers: [
    ReconciliationService,
    {
      provide: Chain,
      inject: [Configuration],
      useFactory: ({ rpcUrl }: Configuration): Chain | undefined => rpcUrl && new RpcChain(rpcUrl.reveal()),
    },
  ],
  exports: [ReconciliationService],
})
export class ReconciliationModule {}
