import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ENGINES, LedgerSite } from '../support/ledger-site.js';
import { openBooks } from '../support/open-books.js';
import type { Day } from './history-books.js';
import { expectAllToBeEnded, expectLiesToBeFound } from './history-end.js';
import { HistoryRun } from './history-run.js';
import type { History } from './history-steps.js';
import type { WorldRules } from './history-world.js';

/** Empty books, of which each history gets a copy: to make them takes longer than many a history. Whoever makes them removes them. */
export class EmptyBooks {
  private constructor(
    private readonly site: LedgerSite,
    private readonly directory: string,
  ) {}

  static async make(engine: (typeof ENGINES)[number] = 'SQLite'): Promise<EmptyBooks> {
    const site = await LedgerSite.open(engine);
    const directory = directoryInMemory();
    await (await openBooks({ directory, openStore: site.storeIn(directory) })).close();
    return new EmptyBooks(site, directory);
  }

  async remove(): Promise<void> {
    rmSync(this.directory, { recursive: true });
    await this.site.close();
  }

  /** Lives the history to its end and returns the totals of its days. @throws at the first step after which something does not hold */
  async live({ steps, ...settings }: History, rules: WorldRules): Promise<readonly Day[]> {
    const directory = directoryInMemory();
    await this.site.copy(this.directory, directory);
    cpSync(`${this.directory}/audit.jsonl`, `${directory}/audit.jsonl`);
    const run = new HistoryRun({ directory, ...settings, openStore: this.site.storeIn(directory) }, rules);
    try {
      await run.begin();
      for (const step of steps) await run.take(step);
      await expectAllToBeEnded(run);
      if (!rules.hasChain && rules.mayLie) await expectLiesToBeFound(run);
      return run.books.totals;
    } finally {
      await run.close();
      await this.site.remove(directory);
      rmSync(directory, { recursive: true });
    }
  }
}

/** The histories are about order, not about disks: where there are files in memory, they are as good. */
function directoryInMemory(): string {
  try {
    return mkdtempSync('/dev/shm/blockrun-test-');
  } catch {
    return mkdtempSync(join(tmpdir(), 'blockrun-test-'));
  }
}
