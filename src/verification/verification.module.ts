import { Module } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { SqlStore } from '../store/sql-store.js';
import { StoreModule } from '../store/store.module.js';
import { AuditVerifier } from './audit-verifier.js';

/** For those who check the books: neither the audit nor the ledger is opened for writing. */
@Module({
  imports: [StoreModule],
  providers: [
    {
      provide: AuditVerifier,
      inject: [SqlStore, Configuration],
      useFactory: (store: SqlStore, { auditFile }: Configuration) => new AuditVerifier(store, auditFile),
    },
  ],
  exports: [AuditVerifier],
})
export class VerificationModule {}
