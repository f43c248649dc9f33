import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { closedPath } from './audit-parts.js';
import { type ChainHead, isHeadIn } from './chain-head.js';

/** A file of the audit, open for reading. Whoever gets it closes it. */
export interface PartFile {
  name: string;
  handle: FileHandle;
}

/** The file of a part; or only the name that it should have, where it is missing. */
export async function openPart(path: string, part: number, head: ChainHead): Promise<PartFile | { name: string }> {
  if (part === head.part) return (await openLast(path, head)) ?? { name: basename(path) };
  const closed = closedPath(path, part);
  return (await openIfThere(closed)) ?? { name: basename(closed) };
}

/** The file that the head is in: what is under the path may be the next one already, while the ledger knows of that, or before it does. */
async function openLast(path: string, head: ChainHead): Promise<PartFile | undefined> {
  const file = await openIfThere(path);
  if (file && (await isHeadWithin(file.handle, head))) return file;
  return (await openIfThere(closedPath(path, head.part))) ?? (await openIfThere(path));
}

/** Closes a file that the head is not in. */
async function isHeadWithin(handle: FileHandle, head: ChainHead): Promise<boolean> {
  let isWithin = false;
  try {
    isWithin = isHeadIn(handle.fd, head);
  } finally {
    if (!isWithin) await handle.close();
  }
  return isWithin;
}

async function openIfThere(path: string): Promise<PartFile | undefined> {
  try {
    return { name: basename(path), handle: await open(path, 'r') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
