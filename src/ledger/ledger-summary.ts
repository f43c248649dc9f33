import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Ledger } from './ledger.js';
import { SummaryFile } from './summary-file.js';

/** Changes within this time are written together. */
const QUIET_MS = 200;

/** Keeps `ledger.json` in step with the ledger. A summary that cannot be written is logged and stops nothing: it is not the record. */
@Injectable()
export class LedgerSummary implements OnApplicationShutdown {
  private readonly logger = new Logger(LedgerSummary.name);
  private pending: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    private readonly file: SummaryFile,
  ) {}

  /** The totals have changed: the file follows shortly. */
  changed(): void {
    this.pending ??= setTimeout(() => this.write(), QUIET_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.pending) this.write();
    await this.writing;
  }

  private write(): void {
    clearTimeout(this.pending);
    this.pending = undefined;
    this.writing = this.writing
      .then(async () => this.file.write(await this.ledger.allTotals()))
      .then(() => this.file.removeLeftovers())
      .catch((error: unknown) => this.logger.error(`${this.file.path} could not be written: ${String(error)}`));
  }
}
