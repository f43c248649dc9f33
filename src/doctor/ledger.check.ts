import { CodedError } from '../errors/coded-error.js';
import { differencesOf } from '../ledger/usage.js';
import { readUsage } from '../ledger/usage-query.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Check, fail, ok } from './finding.js';

/** Whether the ledger can be opened, is of this version, and adds up. */
export function ledgerCheck(books: DoctorBooks): Check {
  return {
    name: 'ledger',
    run: async () => {
      try {
        const store = await books.store();
        if (!store) return ok('none yet: the first start of the proxy makes it');
        const days = await store.reader.selectFrom('day').select('day').orderBy('day').execute();
        const range = { from: days[0]?.day ?? '', to: days.at(-1)?.day ?? '' };
        const [difference] = differencesOf(await readUsage(store.reader, range));
        if (difference !== undefined) return fail(`it does not add up: ${difference}`, 'run: blockrun-openclaw-proxy audit verify');
        return ok(`${store.name}: ${days.length} days, and each adds up`);
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        return fail(error.message);
      }
    },
  };
}
