import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { PauseFile } from '../budget/pause-file.js';
import { Configuration } from '../configuration/configuration.js';
import { Ledger } from '../ledger/ledger.js';

export interface Health {
  ok: boolean;
  status: 'ok' | 'failing';
  dryRun: boolean;
  /** Why nothing can be paid now; empty while all is well. */
  reasons: string[];
}

/** Whether the proxy could pay now: nothing has stopped it, the books can be read and written, and the audit is where the ledger left it. */
@Injectable()
export class HealthService {
  private running: Promise<Health> | undefined;

  constructor(
    private readonly configuration: Configuration,
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly audit: AuditLog,
    private readonly pauseFile: PauseFile,
  ) {}

  /** Who asks while a check runs shares it: the path is open to all, and a check writes to the disk. */
  check(): Promise<Health> {
    this.running ??= this.look().finally(() => (this.running = undefined));
    return this.running;
  }

  private async look(): Promise<Health> {
    const paused = Promise.resolve().then(() => this.pauseFile.refuseWhenThere());
    const checks = await Promise.allSettled([paused, this.ledger.verifyOpen(), this.audit.verifyWritable()]);
    const reasons = checks.flatMap((check) => (check.status === 'rejected' ? [reasonOf(check.reason)] : []));
    const ok = reasons.length === 0;
    return { ok, status: ok ? 'ok' : 'failing', dryRun: this.configuration.dryRun, reasons };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
