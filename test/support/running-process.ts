import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { LedgerSummary } from '../../src/ledger/ledger-summary.js';
import { SummaryFile } from '../../src/ledger/summary-file.js';
import type { Chain } from '../../src/reconciliation/chain.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';
import { RecoveryService } from '../../src/reconciliation/recovery.service.js';
import type { Clock } from '../../src/clock/clock.js';
import { chainsOf } from './fake-chain.js';
import { type Books, type BooksAt, openBooks } from './open-books.js';

/** One of the processes that share the books of a directory, as the modules put it together. */
export interface RunningProcess extends Books {
  reconciliation: ReconciliationService;
  recovery: RecoveryService;
  /** The instances that are on the list, in the order of their ids. */
  listed(): Promise<string[]>;
  /** Has the list say that this process has another number. */
  becomePid(pid: number): Promise<void>;
}

export async function startProcess(parts: {
  directory: string;
  clock: Clock;
  chain?: Chain;
  openStore?: BooksAt['openStore'];
}): Promise<RunningProcess> {
  const { directory, clock, chain, openStore } = parts;
  const books = await openBooks({ directory, clock, ...(openStore && { openStore }) });
  const { ledger, store, instance } = books;
  const summary = new LedgerSummary(ledger, new SummaryFile(`${directory}/ledger.json`));
  const reconciliation = new ReconciliationService(ledger, new LedgerReader(store), chainsOf(chain), clock);
  const recovery = new RecoveryService(instance, ledger, reconciliation, summary);
  return {
    ...books,
    reconciliation,
    recovery,
    listed: async () => (await store.reader.selectFrom('instance').select('id').orderBy('id').execute()).map(({ id }) => id),
    becomePid: async (pid) => {
      await store.write((tx) =>
        tx
          .updateTable('instance')
          .set({ pid: BigInt(pid) })
          .where('id', '=', instance.id)
          .execute(),
      );
    },
    close: async () => {
      await recovery.onModuleDestroy();
      await summary.onApplicationShutdown();
      await books.close();
    },
  };
}
