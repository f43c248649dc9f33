import { readFileSync } from 'node:fs';
import { AuditFile } from '../../src/audit/audit-file.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import type { Clock } from '../../src/clock/clock.js';
import { SqlLedger } from '../../src/ledger/sql-ledger.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { linesOf } from './audit-chain.js';
import { FakeClock } from './fake-clock.js';

/** A real store, audit and ledger on the files of a directory, as the modules put them together. */
export interface Books {
  store: SqlStore;
  audit: AuditLog;
  ledger: SqlLedger;
  auditPath: string;
  auditLines(): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface BooksAt {
  directory: string;
  clock?: Clock;
}

/** Opens the books in the directory; opened again on the same one, they go on where they were. */
export async function openBooks({ directory, clock = new FakeClock() }: BooksAt): Promise<Books> {
  const store = await SqlStore.open({ ledgerFile: `${directory}/ledger.sqlite` });
  const auditPath = `${directory}/audit.jsonl`;
  const file = new AuditFile(auditPath);
  try {
    const audit = await AuditLog.open({ store, file, clock });
    return {
      store,
      audit,
      ledger: new SqlLedger(store, audit, clock),
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
