import type { Clock } from '../../src/clock/clock.js';
import type { SqlStore } from '../../src/store/sql-store.js';
import { AuditFile } from '../../src/audit/audit-file.js';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { LedgerSummary } from '../../src/ledger/ledger-summary.js';
import { SummaryFile } from '../../src/ledger/summary-file.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { RecoveryService } from '../../src/reconciliation/recovery.service.js';
import { type Books, openBooks } from '../support/open-books.js';
import type { ProcessName } from './history-steps.js';
import type { World } from './history-world.js';
import { chainsOf } from '../support/fake-chain.js';

export interface Parts {
  directory: string;
  auditMaxBytes: number;
  openStore: (clock: Clock) => Promise<SqlStore>;
  world: World;
  disk: Disk;
}

/** The disk under the audit. */
export interface Disk {
  isFull: boolean;
}

/** What runs while a process runs. */
export interface Running extends Books {
  recovery: RecoveryService;
  reconciliation: ReconciliationService;
}

/** One of the processes that share the books, through its lives. What it knows of its purchases ends with each. */
export class SimulatedProcess {
  running: Running | undefined;
  /** The ids of the purchases of this life. */
  purchases: string[] = [];
  private begun = 0;

  constructor(
    private readonly name: ProcessName,
    private readonly parts: Parts,
  ) {}

  async start(): Promise<Running> {
    const { directory, auditMaxBytes, openStore, world, disk } = this.parts;
    const auditFile = (path: string) => new FillableFile(path, disk);
    const books = await openBooks({ directory, clock: world.machine, auditMaxBytes, auditFile, openStore });
    const { ledger, store, instance } = books;
    const chain = world.rules.hasChain ? world.chain() : undefined;
    const reconciliation = new ReconciliationService(ledger, new LedgerReader(store), chainsOf(chain), world.machine);
    const recovery = new RecoveryService(
      instance,
      ledger,
      reconciliation,
      new NoSummary(ledger, new SummaryFile(`${directory}/ledger.json`)),
    );
    this.running = { ...books, recovery, reconciliation };
    return this.running;
  }

  /** Its connections are gone, and nothing else is done. */
  async crash(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    this.purchases = [];
    await running?.close();
  }

  async stop(): Promise<void> {
    await this.running?.instance.onApplicationShutdown();
    await this.crash();
  }

  beginPurchase(): string {
    const id = `${this.name}${(this.begun += 1)}`;
    this.purchases.push(id);
    return id;
  }
}

/** `ledger.json` is not what these histories are about. */
class NoSummary extends LedgerSummary {
  override changed(): void {}
}

class FillableFile extends AuditFile {
  constructor(
    path: string,
    private readonly disk: Disk,
  ) {
    super(path);
  }

  override append(bytes: Buffer): void {
    if (this.disk.isFull) throw new Error('ENOSPC: no space left on device, write');
    super.append(bytes);
  }
}
