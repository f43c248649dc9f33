import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(4096, 1);

/** Times of appending 4 KiB and having them on disk, in ms. A paid call waits for one such sync before its signature may leave. */
export function timeSyncs(directory: string, count: number): number[] {
  const path = join(directory, 'sync-probe');
  const descriptor = openSync(path, 'w');
  try {
    return Array.from({ length: count }, () => {
      const startedAt = performance.now();
      writeSync(descriptor, BLOCK);
      fdatasyncSync(descriptor);
      return performance.now() - startedAt;
    });
  } finally {
    closeSync(descriptor);
    rmSync(path);
  }
}
