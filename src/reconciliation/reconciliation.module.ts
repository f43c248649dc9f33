import { Module } from '@nestjs/common';
import { ClockModule } from '../clock/clock.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { ChainModule } from './chain.module.js';
import { ReconciliationService } from './reconciliation.service.js';

@Module({ imports: [ChainModule, ClockModule, LedgerModule], providers: [ReconciliationService], exports: [ReconciliationService] })
export class ReconciliationModule {}
