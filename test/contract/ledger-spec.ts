import { afterAll, beforeAll, describe } from '@jest/globals';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { ledgerContract } from './ledger-contract.js';

describe.each(ENGINES)('the ledger on %s', (engine) => {
  let site: LedgerSite;
  beforeAll(async () => {
    site = await LedgerSite.open(engine);
  });
  afterAll(() => site.close());

  ledgerContract(async () => {
    const directory = new TemporaryDirectory();
    const clock = new FakeClock();
    const books = await openBooks({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    return {
      ledger: books.ledger,
      clock,
      auditLines: () => Promise.resolve(books.auditLines()),
      close: async () => {
        await books.close();
        directory.remove();
      },
    };
  });
});
