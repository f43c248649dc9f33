import { closeSync, fstatSync, openSync } from 'node:fs';
import { readBefore } from './audit-file.js';
import { CHAIN_START, linkOf } from './audit-line.js';

/** Where the audit ends according to the ledger. */
export interface ChainHead {
  /** Of the last line. */
  hash: string;
  /** How long the file of the part is. */
  bytes: number;
  /** Counts the files that the audit has gone through, from 1. */
  part: number;
}

/** No line is longer. */
export const MAX_LINE_BYTES = 1024 * 1024;
export const NEWLINE = 10;

/**
 * Whether the file has the head's line, unchanged, where the ledger knows it, and no file under the path has not. A head without a line
 * yet asks only for the length.
 */
export function holdsHead(path: string, head: ChainHead): boolean {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return false;
  try {
    return isHeadIn(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
}

/** The same of a file that is open. */
export function isHeadIn(descriptor: number, { hash, bytes }: ChainHead): boolean {
  if (fstatSync(descriptor).size < bytes) return false;
  return hash === CHAIN_START || hashOfLastLine(readBefore(descriptor, bytes, MAX_LINE_BYTES)) === hash;
}

function hashOfLastLine(bytes: Buffer): string | undefined {
  if (bytes.at(-1) !== NEWLINE) return undefined;
  const lines = bytes.subarray(0, -1);
  const link = linkOf(lines.subarray(lines.lastIndexOf(NEWLINE) + 1));
  return link?.isIntact ? link.hash : undefined;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
