import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { BudgetHealth } from '../budget/budget-health.js';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';

/** `limit-reached`: today's budget is used up, and requests are told so. `stopped`: by an operator, or by an overrun. */
export type HealthState = 'ready' | 'limit-reached' | 'stopped' | 'failing';

export interface Health {
  ok: boolean;
  status: 'ok' | 'failing';
  state: HealthState;
  dryRun: boolean;
  /** Why nothing can be paid now; empty while all is well. */
  reasons: string[];
}

/** What each check found: nothing, or what is wrong. */
export type HealthChecks = Record<'spending' | 'ledger' | 'audit', CodedError | undefined>;

/** Whether the proxy could pay now: nothing has stopped it, the books can be read and written, and the audit is where the ledger left it. */
@Injectable()
export class HealthService {
  private running: Promise<{ checks: HealthChecks; isLimitReached: boolean }> | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly budget: BudgetHealth,
    private readonly audit: AuditLog,
  ) {}

  async check(): Promise<Health> {
    const { isLimitReached, checks } = await this.look();
    const faults = Object.values(checks).filter((fault) => fault !== undefined);
    const ok = faults.length === 0;
    const isStopped = faults.every(({ code }) => code === 'spending_stopped');
    return {
      ok,
      status: ok ? 'ok' : 'failing',
      state: ok ? (isLimitReached ? 'limit-reached' : 'ready') : isStopped ? 'stopped' : 'failing',
      dryRun: this.configuration.dryRun,
      reasons: [...new Set(faults.map(({ message }) => message))],
    };
  }

  async checks(): Promise<HealthChecks> {
    return (await this.look()).checks;
  }

  /** Who asks while a check runs shares it: the path is open to all, and a check writes to the disk. */
  private look() {
    this.running ??= this.run().finally(() => (this.running = undefined));
    return this.running;
  }

  private async run() {
    const [spending, audit, ledger] = await Promise.allSettled([
      this.budget.verifyOpen(),
      this.audit.verifyWritable(),
      this.budget.isUsedUp(),
    ]);
    const checks = { spending: faultOf(spending), ledger: faultOf(ledger), audit: faultOf(audit) };
    return { checks, isLimitReached: ledger.status === 'fulfilled' && ledger.value };
  }
}

function faultOf(check: PromiseSettledResult<unknown>): CodedError | undefined {
  if (check.status === 'fulfilled') return undefined;
  const fault: unknown = check.reason;
  if (fault instanceof CodedError) return fault;
  return new CodedError('ledger_unavailable', fault instanceof Error ? fault.message : String(fault));
}
