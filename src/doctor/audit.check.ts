import { existsSync } from 'node:fs';
import type { Configuration } from '../configuration/configuration.js';
import { AuditVerifier } from '../verification/audit-verifier.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Check, fail, ok, warn } from './finding.js';
import { onLedger } from './on-ledger.js';

/** Enough for some hundred thousand lines. */
const READING_MS = 8000;

/** The whole audit, line by line, beside the ledger; a long one as far as the time allows. */
export function auditCheck(books: DoctorBooks, { auditFile }: Pick<Configuration, 'auditFile'>): Check {
  return {
    name: 'audit',
    run: async (signal) => {
      if (!books.isThere) return withoutLedger(auditFile);
      return onLedger(books, async (store) => {
        const verdict = await new AuditVerifier(store, auditFile).verify(AbortSignal.any([signal, AbortSignal.timeout(READING_MS)]));
        const lines = `${verdict.lines} ${verdict.lines === 1 ? 'line' : 'lines'}`;
        if (verdict.fault) {
          const next = 'stop spending and look: blockrun-openclaw-proxy pause --reason "…", then audit verify';
          return fail([`${verdict.fault.where} ${verdict.fault.what} (after ${lines} that are right)`, ...verdict.notes].join('. '), next);
        }
        if (!verdict.ok)
          return warn(`${lines} are right so far; it is too long to be read here`, 'run: blockrun-openclaw-proxy audit verify');
        return ok(`${lines}, whole, unchanged, and as the ledger has it`);
      });
    },
  };
}

function withoutLedger(auditFile: string) {
  if (!existsSync(auditFile)) return ok('none yet: the first start of the proxy makes it');
  return fail(`${auditFile} is there, and its ledger is not`, 'restore the ledger file: a new one would forget what was spent');
}
