import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnBound, type BoundProcess } from '../sandbox/bound-process.js';
import type { Lane } from './lanes.js';
import { runBatch } from './load.js';
import type { SyncCounts } from './results.js';

const CALLS = 100;
const ATTACH_TIMEOUT_MS = 5_000;

/**
 * Counts the proxy's syncs to disk with strace, where it is installed and allowed. It slows the proxy down, so it comes after everything
 * that is timed. Undefined where it cannot be done.
 */
export async function countSyncs(paid: Lane, directory: string): Promise<SyncCounts | undefined> {
  const oneAtATime = await countDuring(paid, { concurrency: 1, log: join(directory, 'syncs-1') });
  const twentyAtOnce = await countDuring(paid, { concurrency: 20, log: join(directory, 'syncs-20') });
  return oneAtATime === undefined || twentyAtOnce === undefined ? undefined : { oneAtATime, twentyAtOnce };
}

async function countDuring({ call, pid }: Lane, { concurrency, log }: { concurrency: number; log: string }): Promise<number | undefined> {
  const tracer = spawnBound('strace', ['-f', '-e', 'trace=fsync,fdatasync,sync_file_range', '-o', log, '-p', String(pid)]);
  try {
    if (!(await isAttached(tracer))) return undefined;
    await runBatch(call, { calls: CALLS, concurrency });
  } finally {
    await tracer.stop();
  }
  // A call that another thread's interrupts is told in two lines; only the first names the arguments.
  const syncs = (await readFile(log, 'utf8')).match(/\b(fsync|fdatasync|sync_file_range)\(/g) ?? [];
  return syncs.length / CALLS;
}

function isAttached({ child }: BoundProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => resolve(false), ATTACH_TIMEOUT_MS);
    const decide = (attached: boolean) => {
      clearTimeout(impatience);
      resolve(attached);
    };
    child.stderr?.on('data', (text: Buffer) => text.includes(' attached') && decide(true));
    child.once('error', () => decide(false));
    child.once('close', () => decide(false));
  });
}
