import { Configuration, ledgerPlaceOf } from '../configuration/configuration.js';
import { moveLedger } from '../ledger/ledger-move.js';
import { SqlStore } from '../store/sql-store.js';
import { StoreModule } from '../store/store.module.js';
import { AuditVerifier } from '../verification/audit-verifier.js';
import { DIFFERENCES } from './exit-codes.js';
import { onBooks, print } from './on-books.js';
import { textOf } from './verify-audit.js';

/** Moves the ledger to the given URL, and holds the audit against it there. */
export function moveTo(url: string): Promise<void> {
  return onBooks([StoreModule], async (books) => {
    const { machine, auditFile } = books.get(Configuration);
    const target = await SqlStore.open({ ...ledgerPlaceOf(url, machine), createsLedger: true });
    try {
      const records = await moveLedger(books.get(SqlStore), target);
      const verdict = await new AuditVerifier(target, auditFile).verify();
      print(`${records} records were moved to ${target.name} and compared one by one.\n${textOf(verdict)}`);
      if (!verdict.ok) process.exitCode = DIFFERENCES;
      else print('Now set BLOCKRUN_LEDGER_URL to where you moved it, for the proxy and for the commands.');
    } finally {
      await target.onApplicationShutdown();
    }
  });
}
