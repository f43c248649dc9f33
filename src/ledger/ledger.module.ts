import { Module } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../clock/clock.js';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { SqlStore } from '../store/sql-store.js';
import { StoreModule } from '../store/store.module.js';
import { Ledger } from './ledger.js';
import { Instance } from './instance.js';
import { LedgerReaderModule } from './ledger-reader.module.js';
import { LedgerSummary } from './ledger-summary.js';
import { SpendingControl } from './spending-control.js';
import { SqlLedger } from './sql-ledger.js';
import { SummaryFile } from './summary-file.js';
import { takeOverSummary } from './takeover.js';

@Module({
  imports: [AuditModule, ClockModule, LedgerReaderModule, StoreModule],
  providers: [
    { provide: SummaryFile, inject: [Configuration], useFactory: ({ summaryFile }: Configuration) => new SummaryFile(summaryFile) },
    {
      provide: takeOverSummary,
      inject: [SqlStore, AuditLog, Clock, SummaryFile],
      useFactory: (store: SqlStore, audit: AuditLog, clock: Clock, file: SummaryFile) => takeOverSummary({ store, audit, clock, file }),
    },
    SqlLedger,
    // Nobody gets the ledger before the days of the original are in it.
    { provide: Ledger, inject: [SqlLedger, takeOverSummary], useFactory: (ledger: SqlLedger) => ledger },
    Instance,
    LedgerSummary,
    SpendingControl,
  ],
  exports: [Instance, Ledger, LedgerReaderModule, LedgerSummary, SpendingControl],
})
export class LedgerModule {}
