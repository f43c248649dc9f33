import { chmodSync, closeSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
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

  size(): number {
    return fstatSync(this.descriptor).size;
  }

  /** The last `length` bytes of the file, or all of a shorter one. */
  end(length: number): Buffer {
    const size = this.size();
    const end = Buffer.alloc(Math.min(length, size));
    readSync(this.descriptor, end, 0, end.length, size - end.length);
    return end;
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
