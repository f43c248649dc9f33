import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, format, parse } from 'node:path';
import { type AuditFile, renameDurably, syncDirectoryOf, writeDurably } from './audit-file.js';
import { type AuditEvent, CHAIN_START } from './audit-line.js';
import { type ChainHead, holdsHead, MAX_LINE_BYTES, NEWLINE } from './chain-head.js';

/** The name that the file of a part has once it is closed: `audit.0001.jsonl`. The current one keeps the configured name. */
export function closedPath(path: string, part: number): string {
  const { dir, name, ext } = parse(path);
  return format({ dir, name: `${name}.${String(part).padStart(4, '0')}`, ext });
}

/**
 * The files of the audit, of which the last one grows. All calls happen under the ledger's write lock.
 *
 * The head in the ledger decides which file that is: a file that was closed by a transaction that then failed, of this process or of
 * another one, gets its name back before anything else is done. So each call names the head that it goes by.
 */
export class AuditParts {
  /** The part whose file is open; 0: not known. */
  private part = 0;

  constructor(
    private readonly file: AuditFile,
    private readonly maxBytes: number,
    /** Of how many moves a transaction that failed can have told: lines beyond the ledger that tell of more are not cut off. */
    private readonly maxUnknownMoves: number,
  ) {}

  get path(): string {
    return this.file.path;
  }

  /** A new ledger: lines that the original wrote stay as they are, ahead of the chain. @throws when there is a chain already: its ledger is gone */
  start(): ChainHead {
    const size = this.sizeInPlace();
    const end = this.file.before(size, MAX_LINE_BYTES);
    if (end.includes('"prev":"') || this.hasClosedFiles()) {
      throw new Error('it belongs to a ledger that is gone, and a new ledger would forget what that one spent. Restore the ledger file');
    }
    const endsInLine = size === 0 || end.at(-1) === NEWLINE;
    if (!endsInLine) this.file.append(Buffer.from('\n'));
    return { hash: CHAIN_START, bytes: endsInLine ? size : size + 1, part: 1 };
  }

  /** Turns to the head's file, whatever was open before. `missingBytes`: how much of it is not there; `undoneBytes`: see `cutSurplus`. */
  open(head: ChainHead): { missingBytes: number; undoneBytes: number } {
    const undoneBytes = this.undoUnfinished(head);
    this.file.reopen();
    this.part = head.part;
    return { missingBytes: Math.max(0, head.bytes - this.sizeInPlace()), undoneBytes };
  }

  /** The line that the ledger knows as the last one has to stand, unchanged, where it knows it. @throws when another one does */
  checkLastLine(head: ChainHead): void {
    if (this.sizeInPlace() < head.bytes) return; // told as such by `cutSurplus`
    if (!holdsHead(this.path, head)) throw new Error('its last line is not the one that this ledger wrote: it was replaced or changed');
  }

  /** Brings the files to what the ledger knows: what is beyond belongs to a transaction that failed. Returns how many bytes that was. */
  cutSurplus(head: ChainHead): number {
    const size = this.part === head.part ? this.file.size() : undefined;
    if (size === undefined) return this.follow(head) + this.cutSurplus(head);
    const surplus = size - head.bytes;
    if (surplus < 0) throw new Error(`it is ${-surplus} bytes shorter than the ledger knows it: it was cut or replaced`);
    if (surplus > 0 && this.unknownMoves(head).count > this.maxUnknownMoves) throw new LedgerWentBack();
    if (surplus > 0) this.file.cutTo(head.bytes);
    return surplus;
  }

  /**
   * Where the file tells of more moves than a transaction that failed can have made, the ledger has lost records that it had confirmed: they are
   * put into a file of their own, on disk, and cut off here. Returns which, and of how many moves they tell; undefined where nothing is lost.
   */
  setLostAside(head: ChainHead): { file: string; moves: number; bytes: number } | undefined {
    if (this.part !== head.part) return undefined;
    const { count: moves, text } = this.unknownMoves(head);
    if (moves <= this.maxUnknownMoves) return undefined;
    const { dir, name, ext } = parse(this.path);
    const file = format({ dir, name: `${name}.lost-${head.hash.slice(0, 8)}`, ext });
    writeDurably(file, text);
    this.file.cutTo(head.bytes);
    return { file, moves, bytes: text.length };
  }

  private unknownMoves({ bytes }: ChainHead): { count: number; text: Buffer } {
    const size = this.file.size() ?? bytes;
    const text = size > bytes ? this.file.before(size, size - bytes) : Buffer.alloc(0);
    return { count: text.toString().split('\n').filter(tellsOfMove).length, text };
  }

  append(bytes: Buffer): void {
    this.file.append(bytes);
  }

  probe({ bytes }: ChainHead): void {
    this.file.probe(bytes);
  }

  sync(): void {
    this.file.sync();
  }

  close(): void {
    this.file.close();
  }

  /** Whether so many bytes more are too many for the head's file. A file takes at least one line. */
  isFull({ bytes }: ChainHead, moreBytes: number): boolean {
    return bytes > 0 && bytes + moreBytes > this.maxBytes;
  }

  /** What the first line of the file after the head's says. */
  continuation({ part, bytes }: ChainHead): AuditEvent {
    return { event: 'audit_continued', part: part + 1, previousFile: basename(closedPath(this.path, part)), previousBytes: bytes };
  }

  /**
   * Closes the open file and begins the one of the head `next` with its line; all of it is on disk when this returns. Where it is cut off,
   * or its transaction fails, the ledger still names the part before, whose file is then found under its closed name (`undoUnfinished`).
   */
  begin(next: ChainHead, line: Buffer): void {
    const closed = closedPath(this.path, next.part - 1);
    if (existsSync(closed)) throw inTheWay(closed);
    this.file.sync();
    this.part = next.part; // also where the next steps fail: another head than this one then makes the file be opened anew
    renameSync(this.path, closed);
    this.file.begin();
    this.file.append(line);
    this.file.sync();
    syncDirectoryOf(this.path);
  }

  /**
   * What was open is not the head's file any more: another process has begun a new one, or a rotation was not committed. What somebody
   * else has put under the path is accepted only when it is the audit to its last line, as at a start.
   */
  private follow(head: ChainHead): number {
    const undoneBytes = this.undoUnfinished(head);
    if (!holdsHead(this.path, head)) throw new Error('it was moved, deleted or replaced while the proxy runs');
    this.file.reopen();
    this.part = head.part;
    return undoneBytes;
  }

  /**
   * Where the head's file has its closed name already, the transaction that closed it did not commit: it gets its name back, over what
   * the failed transaction wrote to the next file. Returns how many bytes of that there were. Only the newest rotation can be undone (those
   * before it are durable): with an older ledger nothing is touched.
   */
  private undoUnfinished(head: ChainHead): number {
    const closed = closedPath(this.path, head.part);
    if (!existsSync(closed)) return 0;
    if (existsSync(closedPath(this.path, head.part + 1))) throw new Error('it goes further than the ledger, which is an old one');
    if (!holdsHead(closed, head) || holdsHead(this.path, head)) throw inTheWay(closed);
    const undoneBytes = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    renameDurably(closed, this.path);
    return undoneBytes;
  }

  private sizeInPlace(): number {
    const size = this.file.size();
    if (size === undefined) throw new Error('it was moved, deleted or replaced while the proxy starts');
    return size;
  }

  private hasClosedFiles(): boolean {
    const { name, ext } = parse(this.path);
    const isClosed = (file: string) =>
      file.startsWith(`${name}.`) && file.endsWith(ext) && /^\d{4,}$/.test(file.slice(name.length + 1, file.length - ext.length));
    return readdirSync(dirname(this.path)).some(isClosed);
  }
}

/** The ledger has lost records that it had confirmed, of which the audit still tells. */
export class LedgerWentBack extends Error {
  constructor() {
    super(
      'it tells of payments that the ledger does not know any more: the ledger was put back, or failed over to a server that lacks them',
    );
  }
}

function tellsOfMove(line: string): boolean {
  return line.includes('"event":"payment_signed"') || line.includes('"state":"');
}

function inTheWay(closed: string): Error {
  return new Error(`${closed} has the name that the current file gets when it is full, and is another one: move it away`);
}
