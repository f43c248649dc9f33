import { Module } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../clock/clock.js';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { SqlStore } from '../store/sql-store.js';
import { StoreModule } from '../store/store.module.js';
import { Ledger } from './ledger.js';
import { LedgerSummary } from './ledger-summary.js';
import { SqlLedger } from './sql-ledger.js';
import { SummaryFile } from './summary-file.js';
import { takeOverSummary } from './takeover.js';

@Module({
  imports: [AuditModule, ClockModule, StoreModule],
  providers: [
    { provide: SummaryFile, inject: [Configuration], useFactory: ({ summaryFile }: Configuration) => new SummaryFile(summaryFile) },
    {
      provide: Ledger,
      inject: [SqlStore, AuditLog, Clock, SummaryFile],
      useFactory: async (store: SqlStore, audit: AuditLog, clock: Clock, file: SummaryFile) => {
        await takeOverSummary({ store, audit, clock, file });
        return new SqlLedger(store, audit, clock);
      },
    },
    LedgerSummary,
  ],
  exports: [Ledger, LedgerSummary],
})
export class LedgerModule {}
