import { chmodSync, closeSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The audit file, opened for appending. Short synchronous writes: they happen while the ledger's write lock is held. */
export class AuditFile {
  private readonly descriptor: number;

  /** Creates the file (0600, in a directory 0700) when it is not there. @throws the file system's error */
  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.descriptor = openSync(path, 'a+', 0o600);
    chmodSync(path, 0o600);
  }

  /** @throws when the file under the path is not the one that was opened: it was moved, deleted or replaced */
  size(): number {
    const { ino, size } = fstatSync(this.descriptor);
    if (statSync(this.path, { throwIfNoEntry: false })?.ino !== ino)
      throw new Error('it was moved, deleted or replaced while the proxy runs');
    return size;
  }

  /** The `length` bytes that end at the offset `end`, or fewer where the file has no more before it. */
  before(end: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.min(length, end));
    const read = readSync(this.descriptor, bytes, 0, bytes.length, end - bytes.length);
    return bytes.subarray(0, read);
  }

  /** @throws when not every byte could be written (a full disk writes a part of them) */
  append(bytes: Buffer): void {
    const written = writeSync(this.descriptor, bytes);
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
  }

  cutTo(size: number): void {
    ftruncateSync(this.descriptor, size);
  }

  sync(): void {
    fdatasyncSync(this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
