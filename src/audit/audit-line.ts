import { hash as digest } from 'node:crypto';

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
  | 'payment_reconciled'
  | 'payment_overrun'
  | 'hold_expired'
  | 'budget_raised'
  | 'spending_stopped'
  | 'spending_resumed'
  | 'clock_accepted'
  | 'answer_replayed'
  | 'audit_continued'
  | 'payee_pinned'
  | 'payee_trusted'
  | 'model_changed'
  | 'ledger_takeover'
  | 'ledger_day_moved'
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
  // Text and not one object more: copying facts that are only to be written takes longer than writing them.
  const told = JSON.stringify(facts).slice(1, -1);
  const open = `{"ts":"${at.toISOString()}","event":"${name}",${told}${told && ','}"prev":"${previousHash}"`;
  const hash = sha256(open);
  return { text: `${open},"hash":"${hash}"}`, hash };
}

/** How a line hangs in the chain. */
export interface ChainLink {
  prev: string;
  hash: string;
  /** Whether the line's text is the one that was hashed. */
  isIntact: boolean;
}

const LINK_BYTES = `,"prev":"${CHAIN_START}","hash":"${CHAIN_START}"}`.length;
const HASH_BYTES = `,"hash":"${CHAIN_START}"}`.length;

/** What a line, without its newline, says of the chain; undefined when it is no chained line. Bytes, since a text would hide a broken one. */
export function linkOf(line: Buffer): ChainLink | undefined {
  const end = line.toString('latin1', Math.max(0, line.length - LINK_BYTES));
  const [, prev, hash] = /^,"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"}$/.exec(end) ?? [];
  if (prev === undefined || hash === undefined) return undefined;
  return { prev, hash, isIntact: sha256(line.subarray(0, line.length - HASH_BYTES)) === hash };
}

function sha256(text: string | Buffer): string {
  return digest('sha256', text);
}
