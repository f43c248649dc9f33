import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { microUsd } from '../sandbox/evidence.js';

interface Facts {
  readonly event: string;
  readonly requestId?: string;
  readonly state?: string;
  readonly booked?: string;
  readonly nonce?: string;
}

export const AUDIT_FILE = /^audit(\.\d{4,})?\.jsonl$/;
const CHAIN_START = '0'.repeat(64);
const LINK = /,"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"}$/;
const HASH_CHARS = `,"hash":"${CHAIN_START}"}`.length;

/** The audit read from its files, each line checked for its place in the chain by nothing but what the lines say, and a hash. */
export class AuditBook {
  /** By nonce, of the requests whose last line says `settled`. */
  readonly payments = new Map<string, bigint>();
  /** `booked` of the last line of every request, whatever its state. */
  bookedMicroUsd = 0n;
  readonly faults: string[] = [];
  readonly events = new Map<string, number>();
  files = 0;
  lines = 0;
  lastHash = CHAIN_START;
  /** Of the file that grew last. */
  lastFileBytes = 0;
  private readonly newest = new Map<string, Facts>();

  static async read(directory: string): Promise<AuditBook> {
    const book = new AuditBook();
    for (const name of await auditFiles(directory)) await book.readFile(directory, name);
    for (const [requestId, facts] of book.newest) book.addUp(requestId, facts);
    return book;
  }

  private async readFile(directory: string, name: string): Promise<void> {
    const path = join(directory, name);
    this.files += 1;
    this.lastFileBytes = (await stat(path)).size;
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
      number += 1;
      const fault = this.check(line);
      if (fault !== undefined) this.faults.push(`${name}:${number} ${fault}`);
    }
  }

  private check(line: string): string | undefined {
    this.lines += 1;
    const [, prev, hash] = LINK.exec(line) ?? [];
    if (prev === undefined || hash === undefined) return 'is not chained';
    const followsLast = prev === this.lastHash;
    this.lastHash = hash;
    if (!followsLast) return 'does not follow the line before it';
    if (createHash('sha256').update(line.slice(0, -HASH_CHARS)).digest('hex') !== hash) return 'was changed';
    const facts = JSON.parse(line) as Facts;
    this.events.set(facts.event, (this.events.get(facts.event) ?? 0) + 1);
    if (facts.requestId !== undefined) this.newest.set(facts.requestId, facts);
    return undefined;
  }

  private addUp(requestId: string, { event, state, booked, nonce }: Facts): void {
    if (event === 'payment_signed') this.faults.push(`${requestId} was signed, and no line says how it ended`);
    const amount = booked === undefined ? 0n : microUsd(booked);
    if (amount === undefined) this.faults.push(`${requestId} has "${booked}" booked, which is no amount`);
    this.bookedMicroUsd += amount ?? 0n;
    if (state === 'settled') this.payments.set(nonce ?? requestId, amount ?? 0n);
  }
}

/** Closed files in the order of their numbers, then the one that grows. */
async function auditFiles(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => AUDIT_FILE.test(name));
  return names.toSorted((one, other) => partOf(one) - partOf(other));
}

function partOf(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? Infinity);
}
