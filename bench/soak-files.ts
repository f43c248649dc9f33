import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_FILE } from './soak-audit.js';

export interface StateSizes {
  readonly ledger: number;
  readonly log: number;
  readonly audit: number;
  readonly summary: number;
  /** Names of whatever else is there. */
  readonly others: readonly string[];
}

const LEDGER_FILES = ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm', 'ledger.json'];

/** Bytes of the state directory, part by part. Files may come and go while it looks. */
export function sizesOf(directory: string): StateSizes {
  const names = readdirSync(directory);
  const size = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  const audit = names.filter((name) => AUDIT_FILE.test(name));
  return {
    ledger: size('ledger.sqlite'),
    log: size('ledger.sqlite-wal'),
    audit: audit.reduce((sum, name) => sum + size(name), 0),
    summary: size('ledger.json'),
    others: names.filter((name) => !LEDGER_FILES.includes(name) && !AUDIT_FILE.test(name)),
  };
}

/** Looks at the log of the ledger again and again; the function that it returns ends that, and says how large it was at most. */
export function watchLog(directory: string, everyMs = 500): () => number {
  let largest = 0;
  const look = () => (largest = Math.max(largest, statSync(join(directory, 'ledger.sqlite-wal'), { throwIfNoEntry: false })?.size ?? 0));
  const timer = setInterval(look, everyMs).unref();
  return () => {
    clearInterval(timer);
    return largest;
  };
}
