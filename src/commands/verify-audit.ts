import { type AuditVerdict, AuditVerifier } from '../verification/audit-verifier.js';
import { VerificationModule } from '../verification/verification.module.js';
import { DIFFERENCES } from './exit-codes.js';
import { onBooks, print, printJson } from './on-books.js';

/** Shows whether the audit is whole and agrees with the ledger, or the first thing that is wrong. */
export function verifyAudit({ json }: { json?: true }): Promise<void> {
  return onBooks([VerificationModule], async (books) => {
    const verdict = await books.get(AuditVerifier).verify();
    if (json) printJson(verdict);
    else print(textOf(verdict));
    if (!verdict.ok) process.exitCode = DIFFERENCES;
  });
}

/** The verdict in words. */
export function textOf({ ok, lines, unchained, files, entries, fault, notes }: AuditVerdict): string {
  const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  const checked = `${count(lines, 'line')} in ${count(files, 'file')}, ${count(entries, 'record')} of the ledger`;
  return [
    ok
      ? `The audit is whole and agrees with the ledger: ${checked}.`
      : `WRONG at ${fault?.where}: ${fault?.what}\nRight before that: ${checked}.`,
    ...(unchained > 0 ? [`${count(unchained, 'line')} of the original ahead of the chain: nothing vouches for them.`] : []),
    ...notes,
  ].join('\n');
}
