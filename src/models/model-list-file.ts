import { readFileSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { type ListedModel, readModelList } from './model-list.js';

const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** The seller's list as it was last got, and when it may be asked for again: a restart neither forgets the one nor the other. */
export interface KeptModelList {
  /** Undefined while none has been got. */
  fetchedAt: Date | undefined;
  nextAskAt: Date;
  models: readonly ListedModel[];
}

/** The kept list on disk, for this user alone. */
export class ModelListFile {
  constructor(private readonly path: string) {}

  /** Undefined when there is none that can be used: it is only a copy, and is got anew. */
  read(): KeptModelList | undefined {
    try {
      if (statSync(this.path).size > MAX_FILE_BYTES) return undefined;
      const text = readFileSync(this.path, 'utf8');
      const { fetchedAt, nextAskAt } = JSON.parse(text) as { fetchedAt?: unknown; nextAskAt?: unknown };
      const models = fetchedAt === null ? [] : readModelList(text);
      const times = { fetchedAt: dateOf(fetchedAt), nextAskAt: dateOf(nextAskAt) ?? new Date(0) };
      return { ...times, models: times.fetchedAt ? models : [] };
    } catch {
      return undefined; // not there, or not ours
    }
  }

  /** Replaces the file in one step. */
  async write({ fetchedAt, nextAskAt, models }: KeptModelList): Promise<void> {
    const temporary = `${this.path}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify({ fetchedAt: fetchedAt ?? null, nextAskAt, models })}\n`, { mode: 0o600 });
    await rename(temporary, this.path);
  }
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
