import { readFileSync } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import { microUsdFromNumber, usdNumber } from '../money/micro-usd.js';
import type { DayTotals } from './hold.js';

/** A temporary file of that age is nobody's any more. */
const LEFTOVER_MS = 60_000;

type DaySummary = Pick<DayTotals, 'day' | 'spentMicroUsd' | 'calls'>;

/** The original's daily summary: `{"2026-06-06":{"spentUsd":0.0026,"calls":1}}`. For people and scripts; the SQL ledger is the record. */
export class SummaryFile {
  constructor(readonly path: string) {}

  /** The days in the file, or undefined when there is no file. @throws CodedError ledger_unavailable when it is there and cannot be understood */
  read(): DaySummary[] | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.unreadable(reasonOf(cause), cause);
    }
    try {
      const days: unknown = JSON.parse(text);
      if (typeof days !== 'object' || days === null || Array.isArray(days)) throw new Error('it is not a JSON object of days');
      return Object.entries(days).map(([day, facts]) => daySummary(day, facts));
    } catch (cause) {
      throw this.unreadable(reasonOf(cause), cause);
    }
  }

  /** Replaces the file in one step: a reader sees the old or the new one, never a part. */
  async write(days: readonly DaySummary[]): Promise<void> {
    const summary = Object.fromEntries(days.map(({ day, spentMicroUsd, calls }) => [day, { spentUsd: usdNumber(spentMicroUsd), calls }]));
    const temporary = `${this.path}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify(summary, null, 2)}\n`, { mode: 0o600 });
    await rename(temporary, this.path);
  }

  /** Removes what processes that were killed in the middle of writing have left. */
  async removeLeftovers(): Promise<void> {
    const directory = dirname(this.path);
    for (const name of await readdir(directory)) {
      const isLeftover = name.startsWith(`${basename(this.path)}.`) && /\.\d+\.tmp$/.test(name);
      if (!isLeftover) continue;
      const found = await stat(join(directory, name)).catch(() => undefined); // whose process has put it in its place meanwhile
      if (found && Date.now() - found.mtimeMs > LEFTOVER_MS) await rm(join(directory, name), { force: true });
    }
  }

  private unreadable(reason: string, cause: unknown): CodedError {
    return new CodedError(
      'ledger_unavailable',
      `The daily summary ${this.path} cannot be taken over (${reason}). What was spent today is in it, so nothing is paid: mend or remove it.`,
      { cause },
    );
  }
}

function daySummary(day: string, facts: unknown): DaySummary {
  const { spentUsd, calls } = (facts ?? {}) as { spentUsd?: unknown; calls?: unknown };
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`"${day}" is not a day`);
  if (typeof spentUsd !== 'number' || !Number.isFinite(spentUsd) || spentUsd < 0) throw new Error(`${day} has no valid spentUsd`);
  if (!Number.isSafeInteger(calls ?? 0) || Number(calls ?? 0) < 0) throw new Error(`${day} has no valid calls`);
  return { day, spentMicroUsd: microUsdFromNumber(spentUsd), calls: Number(calls ?? 0) };
}
