import {
  chmodSync,
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A block of most file systems: less could fit into one that the file has already. */
const PROBE_BYTES = 4096;

/** No descriptor: a file that is used, or closed, once more after its end is an error, and not somebody else's file. */
const CLOSED = -1;

/** The audit file, opened for appending. Short synchronous writes: they happen while the ledger's write lock is held. */
export class AuditFile {
  private descriptor: number;
  /** Of the file that is open: no other file can have its numbers while it is. */
  private opened: Pick<Stats, 'dev' | 'ino'>;

  /** Creates the file (0600, in a directory 0700) when it is not there. @throws the file system's error */
  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.descriptor = openSync(path, 'a+', 0o600);
    this.opened = fstatSync(this.descriptor);
    chmodSync(path, 0o600);
  }

  /** Undefined when the file under the path is not the one that is open: it was moved, deleted or replaced. */
  size(): number | undefined {
    const there = statSync(this.path, { throwIfNoEntry: false });
    return there?.ino === this.opened.ino && there.dev === this.opened.dev ? there.size : undefined;
  }

  /** The `length` bytes that end at the offset `end`, or fewer where the file has no more before it. */
  before(end: number, length: number): Buffer {
    return readBefore(this.descriptor, end, length);
  }

  /** @throws when not every byte could be written (a full disk writes a part of them) */
  append(bytes: Buffer): void {
    const written = writeSync(this.descriptor, bytes);
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
  }

  /** Makes sure that the file, which ends at this offset, can grow. @throws when it cannot: the disk is full, or may not be written any more */
  probe(end: number): void {
    try {
      this.append(Buffer.alloc(PROBE_BYTES, '\n'));
    } finally {
      this.cutTo(end);
    }
  }

  cutTo(size: number): void {
    ftruncateSync(this.descriptor, size);
  }

  sync(): void {
    fdatasyncSync(this.descriptor);
  }

  /** Opens what is under the path now, in place of what was open. @throws when nothing is there: this creates no file */
  reopen(): void {
    this.replace(openSync(this.path, constants.O_RDWR | constants.O_APPEND));
  }

  /** Begins an empty file (0600) under the path, and leaves the one that was open to its new name. */
  begin(): void {
    this.replace(openSync(this.path, 'a+', 0o600));
    this.cutTo(0);
  }

  close(): void {
    this.replace(CLOSED);
  }

  private replace(descriptor: number): void {
    const before = this.descriptor;
    this.descriptor = descriptor;
    if (descriptor !== CLOSED) this.opened = fstatSync(descriptor);
    closeSync(before);
  }
}

/** Gives a file another name in its directory; on disk when it returns. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncDirectoryOf(to);
}

/** Writes a file (0600), in place of one that is there; on disk when it returns. */
export function writeDurably(path: string, bytes: Buffer): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    if (writeSync(descriptor, bytes) < bytes.length) throw new Error(`${path} could not be written whole`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncDirectoryOf(path);
}

/** Makes sure that the names in the file's directory are on disk. */
export function syncDirectoryOf(path: string): void {
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

export function readBefore(descriptor: number, end: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.min(length, end));
  const read = readSync(descriptor, bytes, 0, bytes.length, end - bytes.length);
  return bytes.subarray(0, read);
}
