import { Module } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import { SqlStore } from '../store/sql-store.js';
import { StoreModule } from '../store/store.module.js';
import { AuditFile } from './audit-file.js';
import { AuditLog } from './audit-log.js';

@Module({
  imports: [ClockModule, StoreModule],
  providers: [
    {
      provide: AuditLog,
      inject: [Configuration, SqlStore, Clock],
      useFactory: ({ auditFile, auditMaxBytes: maxBytes }: Configuration, store: SqlStore, clock: Clock) =>
        AuditLog.open({ store, clock, file: openAuditFile(auditFile), maxBytes }),
    },
  ],
  exports: [AuditLog],
})
export class AuditModule {}

function openAuditFile(path: string): AuditFile {
  try {
    return new AuditFile(path);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new CodedError('audit_unavailable', `The audit ${path} cannot be opened (${reason}). Nothing is paid without it.`, { cause });
  }
}
