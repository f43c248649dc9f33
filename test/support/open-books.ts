import { readFileSync } from 'node:fs';
import { AuditFile } from '../../src/audit/audit-file.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import type { Clock } from '../../src/clock/clock.js';
import { Instance } from '../../src/ledger/instance.js';
import { SpendingControl } from '../../src/ledger/spending-control.js';
import { SqlLedger } from '../../src/ledger/sql-ledger.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { linesOf } from './audit-chain.js';
import { FakeClock } from './fake-clock.js';

/** A real store, audit and ledger on the files of a directory, as the modules put them together. */
export interface Books {
  store: SqlStore;
  audit: AuditLog;
  ledger: SqlLedger;
  instance: Instance;
  control: SpendingControl;
  auditPath: string;
  auditLines(): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface BooksAt {
  directory: string;
  clock?: Clock;
  /** Small enough, and the audit goes through several files. */
  auditMaxBytes?: number;
  /** Where the ledger is instead of in a file of the directory. */
  openStore?: (clock: Clock) => Promise<SqlStore>;
  /** Stands for the file that the audit is written to: one that fails when told to. */
  auditFile?: (path: string) => AuditFile;
}

/** Opens the books in the directory; opened again on the same one, they go on where they were. */
export async function openBooks(at: BooksAt): Promise<Books> {
  const { directory, clock = new FakeClock(), auditMaxBytes: maxBytes = Infinity } = at;
  const store = await (at.openStore?.(clock) ?? SqlStore.open({ ledgerFile: `${directory}/ledger.sqlite`, createsLedger: true }));
  const auditPath = `${directory}/audit.jsonl`;
  const file = at.auditFile?.(auditPath) ?? new AuditFile(auditPath);
  try {
    const audit = await AuditLog.open({ store, file, clock, maxBytes });
    const instance = new Instance(store, clock);
    return {
      store,
      audit,
      ledger: new SqlLedger(store, audit, clock, instance),
      instance,
      control: new SpendingControl(store, audit, clock),
      auditPath,
      auditLines: () => linesOf(readFileSync(auditPath, 'utf8')).map((line) => JSON.parse(line) as Record<string, unknown>),
      close: async () => {
        audit.onApplicationShutdown();
        await store.onApplicationShutdown();
      },
    };
  } catch (error) {
    file.close();
    await store.onApplicationShutdown();
    throw error;
  }
}
