import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Configuration } from '../configuration/configuration.js';
import { type Check, fail, ok, warn } from './finding.js';

const MEGABYTE = 1024 * 1024;
/** Thousands of calls fit in; below it somebody should make room. */
const LITTLE_MB = 200;
/** A full disk stops paying. */
const TOO_LITTLE_MB = 10;

export function diskCheck({ summaryFile }: Pick<Configuration, 'summaryFile'>): Check {
  return {
    name: 'disk',
    run: async () => {
      const { bavail, bsize } = await statfs(nearest(dirname(summaryFile)));
      const freeMb = Math.floor((bavail * bsize) / MEGABYTE);
      const says = `${freeMb} MB free for the books`;
      const next = 'make room: nothing is paid on a full disk';
      if (freeMb < TOO_LITTLE_MB) return fail(says, next);
      return freeMb < LITTLE_MB ? warn(says, next) : ok(says);
    },
  };
}

function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}
