import { parse, format } from 'node:path';
import { AuditLog } from '../audit/audit-log.js';
import { AuditModule } from '../audit/audit.module.js';
import { Configuration, ledgerPlaceOf } from '../configuration/configuration.js';
import { moveDay } from '../ledger/day-move.js';
import { moveLedger } from '../ledger/ledger-move.js';
import { displayUsd } from '../money/micro-usd.js';
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
    await withTarget(url, machine, async (target) => {
      const records = await moveLedger(books.get(SqlStore), target);
      const verdict = await new AuditVerifier(target, auditFile).verify();
      print(`${records} records were moved to ${target.name} and compared one by one.\n${textOf(verdict)}`);
      if (!verdict.ok) process.exitCode = DIFFERENCES;
      else print('Now set BLOCKRUN_LEDGER_URL to where you moved it, for the proxy and for the commands.');
    });
  });
}

/** Takes one day along, and leaves the others and the audit where they are. */
export function moveDayTo(url: string, day: string): Promise<void> {
  return onBooks([StoreModule, AuditModule], async (books) => {
    const { machine, auditFile } = books.get(Configuration);
    await withTarget(url, machine, async (to) => {
      const { records, added, totals, leftUnresolved } = await moveDay({ day, from: books.get(SqlStore), to, audit: books.get(AuditLog) });
      print(`${records} records of ${day} are on ${to.name} and were compared one by one; ${added} of them were not there yet.`);
      print(`The day has there now: ${displayUsd(totals.spentMicroUsd)} spent, ${displayUsd(totals.unresolvedMicroUsd)} unresolved.`);
      if (leftUnresolved > 0)
        print(`${leftUnresolved} unresolved payments of other days stay here: run reconcile on this ledger, or move their days, too.`);
      print(`Now set, for the proxy and for the commands, BLOCKRUN_LEDGER_URL to where you moved it, and BLOCKRUN_AUDIT_LOG to the audit that this
machine has there, a new file such as ${besides(auditFile)}: the audit of before stays with the ledger that was left.`);
    });
  });
}

async function withTarget(url: string, machine: string, act: (target: SqlStore) => Promise<void>): Promise<void> {
  const target = await SqlStore.open({ ...ledgerPlaceOf(url, machine), createsLedger: true });
  try {
    await act(target);
  } finally {
    await target.onApplicationShutdown();
  }
}

function besides(auditFile: string): string {
  const { dir, name, ext } = parse(auditFile);
  return format({ dir, name: `${name}-shared`, ext });
}
