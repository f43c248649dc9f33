import { Module } from '@nestjs/common';
import { ClockModule } from '../clock/clock.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { ReconciliationModule } from './reconciliation.module.js';
import { RecoveryService } from './recovery.service.js';

/** Only the running proxy recovers; commands that reconcile do not. */
@Module({ imports: [ClockModule, LedgerModule, ReconciliationModule], providers: [RecoveryService] })
export class RecoveryModule {}
