import type { FileHandle } from 'node:fs/promises';
import { MAX_LINE_BYTES, NEWLINE } from './chain-head.js';

const BLOCK_BYTES = 256 * 1024;

/**
 * The lines of a file up to the offset `end`, each with its newline, a block of them at a time. Only the last one may come without: the
 * file, or what was asked for, ends within it, or it is longer than any line of an audit, and what follows it is not read.
 */
export async function* readLines(file: FileHandle, end: number): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  for (let offset = 0; offset < end && rest.length <= MAX_LINE_BYTES;) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, end - offset));
    const { bytesRead } = await file.read(block, 0, block.length, offset);
    if (bytesRead === 0) break; // cut while it is read
    offset += bytesRead;
    const lines = linesOf(Buffer.concat([rest, block.subarray(0, bytesRead)]));
    rest = lines.rest;
    yield lines.whole;
  }
  if (rest.length > 0) yield [rest];
}

function linesOf(bytes: Buffer): { whole: Buffer[]; rest: Buffer } {
  const whole: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, start)) {
    whole.push(bytes.subarray(start, at + 1));
    start = at + 1;
  }
  return { whole, rest: bytes.subarray(start) };
}
