import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { BudgetService } from '../budget/budget.service.js';
import { Configuration } from '../configuration/configuration.js';

export interface Health {
  ok: boolean;
  status: 'ok' | 'failing';
  dryRun: boolean;
  /** Why nothing can be paid now; empty while all is well. */
  reasons: string[];
}

/** Whether the proxy could pay now: the books can be read, and the audit is where the ledger left it. */
@Injectable()
export class HealthService {
  constructor(
    private readonly configuration: Configuration,
    private readonly budget: BudgetService,
    private readonly audit: AuditLog,
  ) {}

  async check(): Promise<Health> {
    const checks = await Promise.allSettled([this.budget.status(), this.audit.verifyHead()]);
    const reasons = checks.flatMap((check) => (check.status === 'rejected' ? [reasonOf(check.reason)] : []));
    const ok = reasons.length === 0;
    return { ok, status: ok ? 'ok' : 'failing', dryRun: this.configuration.dryRun, reasons };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
