import { afterAll, beforeAll, describe } from '@jest/globals';
import { SqlStore } from '../../src/store/sql-store.js';
import { ClockedPostgres } from '../support/clocked-postgres.js';
import { FakeClock } from '../support/fake-clock.js';
import { openBooks } from '../support/open-books.js';
import { PostgresServer } from '../support/postgres-server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { ledgerContract } from './ledger-contract.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

describe('the ledger in PostgreSQL', () => {
  ledgerContract(async () => {
    const directory = new TemporaryDirectory();
    const url = await server.database();
    const clock = new FakeClock();
    const openStore = () => SqlStore.on({ name: url, machine: 'alpha', createsLedger: true }, () => new ClockedPostgres(url, clock));
    const books = await openBooks({ directory: directory.path, clock, openStore });
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
