import { CHAIN_START, linkOf } from './audit-line.js';
import { readLines } from './audit-lines.js';
import { openPart, type PartFile } from './audit-part-reader.js';
import { type ChainHead, NEWLINE } from './chain-head.js';

/** Where the books part from what they should be: `audit.0001.jsonl:12`, `entry 7` or `day 2026-06-06`. */
export interface BookFault {
  where: string;
  /** Reads on from there. */
  what: string;
}

/** A line that is as it was written, and in its place. */
export interface ChainedRecord {
  where: string;
  facts: Record<string, unknown>;
}

/** One file of the audit while it is read. */
interface Part extends PartFile {
  number: number;
  size: number;
  /** How long it has to be; undefined: only the file after it says so. */
  knownBytes: number | undefined;
  lines: number;
}

/**
 * The audit as it lies in its files, read from its first line to the head that the ledger knows, in bounded memory. It only reads, so it
 * can be used on books that no proxy would start on, and beside proxies that write: what they add belongs to a later head.
 */
export class AuditChain {
  /** Chained lines that are as they should be. */
  lines = 0;
  /** Lines that the original wrote, ahead of the chain. */
  unchained = 0;
  files = 0;
  /** The first thing that is wrong, once the lines before it have been read. */
  fault: BookFault | undefined;
  /** By how much the current file is too short. */
  missingBytes = 0;
  readonly notes: string[] = [];
  private lastHash = CHAIN_START;
  private before: Part | undefined;

  constructor(
    private readonly path: string,
    private readonly head: ChainHead,
  ) {}

  /** The chained lines, oldest first, a block at a time. Ends ahead of the first line that is not as it should be. */
  async *read(): AsyncGenerator<ChainedRecord[]> {
    for (let number = 1; number <= this.head.part && !this.fault; number += 1) {
      const part = await this.open(number);
      if (!part) return;
      try {
        await this.measure(part);
        yield* this.readPart(part);
        this.fault ??= this.faultOfEnd(part);
      } finally {
        await part.handle.close();
      }
      this.before = part;
    }
  }

  private async *readPart(part: Part): AsyncGenerator<ChainedRecord[]> {
    for await (const lines of readLines(part.handle, Math.min(part.size, part.knownBytes ?? Infinity))) {
      const records: ChainedRecord[] = [];
      for (const line of lines) {
        part.lines += 1;
        const checked = this.check(line, part);
        if (checked && 'what' in checked) this.fault = checked;
        if (this.fault) break;
        if (checked && 'facts' in checked) records.push(checked);
      }
      yield records;
      if (this.fault) return;
    }
  }

  /** The line's record; undefined for one that is not part of the chain, and need not be. */
  private check(bytes: Buffer, part: Part): ChainedRecord | BookFault | undefined {
    const where = `${part.name}:${part.lines}`;
    if (bytes.at(-1) !== NEWLINE) return this.faultOfTornLine(part);
    const line = bytes.subarray(0, -1);
    const link = linkOf(line);
    if (!link && this.lines === 0 && part.number === 1 && !line.includes('"prev":"')) {
      this.unchained += 1;
      return undefined;
    }
    if (!link) return { where, what: 'is not chained: it was changed or put in' };
    if (!link.isIntact) return { where, what: 'was changed: its text is not the one that its hash was made of' };
    const facts = factsOf(line);
    if (!facts) return { where, what: 'is not JSON' };
    const fault = part.lines === 1 && this.before ? faultOfContinuation(facts, { where, part, before: this.before }) : undefined;
    if (fault) return fault;
    if (link.prev !== this.lastHash) return { where, what: 'does not follow the line before it: lines were taken out, put in or moved' };
    this.lastHash = link.hash;
    this.lines += 1;
    return { where, facts };
  }

  private faultOfTornLine(part: Part): BookFault {
    const where = `${part.name}:${part.lines}`;
    const missingBytes = (part.knownBytes ?? 0) - part.size;
    if (missingBytes > 0) return this.cut(where, missingBytes);
    if (part.knownBytes === undefined) return { where, what: 'does not end: the file is cut' };
    return { where, what: 'does not end where the ledger knows the last line to end: lines were changed, put in or taken out' };
  }

  private faultOfEnd(part: Part): BookFault | undefined {
    if (part.knownBytes === undefined) return undefined;
    const missingBytes = part.knownBytes - part.size;
    if (missingBytes > 0) return this.cut(`${part.name}:${part.lines + 1}`, missingBytes);
    if (this.lastHash !== this.head.hash)
      return { where: `${part.name}:${part.lines}`, what: 'is not the line that the ledger knows as the last one' };
    return undefined;
  }

  private cut(where: string, missingBytes: number): BookFault {
    this.missingBytes = missingBytes;
    return { where, what: `is cut: the file ends ${missingBytes} bytes before where the ledger knows its end` };
  }

  private async open(number: number): Promise<Part | undefined> {
    const isLast = number === this.head.part;
    const opened = await openPart(this.path, number, this.head);
    if (!('handle' in opened)) {
      if (!isLast || this.head.bytes > 0) this.fault = { where: opened.name, what: 'is missing' };
      return undefined;
    }
    this.files += 1;
    return { ...opened, number, size: 0, knownBytes: isLast ? this.head.bytes : undefined, lines: 0 };
  }

  private async measure(part: Part): Promise<void> {
    part.size = (await part.handle.stat()).size;
    if (part.knownBytes !== undefined && part.size > part.knownBytes) await this.noteSurplus(part);
  }

  private async noteSurplus({ handle, size }: Part): Promise<void> {
    const surplus = size - this.head.bytes;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    const torn = buffer[0] === NEWLINE ? '' : ', the last line of them torn';
    this.notes.push(
      `${surplus} bytes are beyond the end that the ledger knew when this began${torn}: written since, or left by a transaction that failed ` +
        '(the next line of the audit then cuts them off).',
    );
  }
}

function factsOf(line: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line.toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** What the first line of a file says of the file before it has to be so. */
function faultOfContinuation(
  { event, part: number, previousBytes }: Record<string, unknown>,
  { where, part, before }: { where: string; part: Part; before: Part },
): BookFault | undefined {
  if (event !== 'audit_continued' || number !== part.number) return { where, what: 'is not the line with which this file began' };
  const sizes = `it has ${before.size} bytes, and had ${String(previousBytes)} when it was closed`;
  if (before.size < Number(previousBytes)) return { where: `${before.name}:${before.lines + 1}`, what: `is cut: ${sizes}` };
  if (before.size > Number(previousBytes)) return { where: before.name, what: `has lines put in: ${sizes}` };
  return undefined;
}
