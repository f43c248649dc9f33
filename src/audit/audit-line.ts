import { createHash } from 'node:crypto';

/** One event of the audit: its name and its facts. Values are plain, so that a line is one flat JSON object. */
export interface AuditEvent {
  event: AuditEventName;
  [fact: string]: string | number | boolean | null | undefined;
}

/** The first three are the original's; the others are additions. */
export type AuditEventName =
  | 'chat_completion'
  | 'budget_reject'
  | 'upstream_error'
  | 'payment_signed'
  | 'payment_refused'
  | 'payment_unresolved'
  | 'payee_pinned'
  | 'ledger_takeover'
  | 'audit_repaired';

/** What the first line of a chain names as its predecessor. */
export const CHAIN_START = '0'.repeat(64);

export interface ChainedLine {
  /** JSON without the newline that ends it in the file. */
  text: string;
  hash: string;
}

/**
 * The line for an event: `ts` and `event` first, the facts in their given order, then `prev` (the hash of the line before) and `hash`,
 * which is the SHA-256, in hex, of the line's own text up to and without the `hash` field. Facts that are undefined are left out.
 * JSON escapes control characters, so no value can forge a line.
 */
export function chainLine(event: AuditEvent, at: Date, previousHash: string): ChainedLine {
  const { event: name, ...facts } = event;
  const open = JSON.stringify({ ts: at.toISOString(), event: name, ...facts, prev: previousHash }).slice(0, -1);
  const hash = sha256(open);
  return { text: `${open},"hash":"${hash}"}`, hash };
}

/** The hash that a line carries, when its text is the one that was hashed; undefined when it was changed, or is no chained line. */
export function hashOfLine(line: string): string | undefined {
  const [, open = '', hash] = /^(.*),"hash":"([0-9a-f]{64})"}$/.exec(line) ?? [];
  return hash !== undefined && sha256(open) === hash ? hash : undefined;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
