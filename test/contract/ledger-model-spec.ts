import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { ENGINES } from '../support/ledger-site.js';
import { EmptyBooks } from './history-life.js';
import { histories } from './history-steps.js';
import type { WorldRules } from './history-world.js';

/** Of each property; each step is a few round trips to a server. A counter-example that they find belongs into `history-examples-spec.ts`, too. */
const RUNS = { SQLite: 100, PostgreSQL: 15 };
/** It only bounds a test that hangs. */
const TIMEOUT_MS = 300_000;

describe.each(ENGINES)('in any history of two processes on one ledger, on %s,', (engine) => {
  let books: EmptyBooks;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    books = await EmptyBooks.make(engine);
  });
  afterAll(() => books.remove());

  const expectAlways = (rules: WorldRules) =>
    fc.assert(
      fc.asyncProperty(histories, async (history) => void (await books.live(history, rules))),
      { numRuns: RUNS[engine], unbiased: true },
    );

  it(
    'the books are what the model says, cover what can be taken, and end as what was taken, when a chain can be asked',
    () => expectAlways({ hasChain: true, mayLie: true }),
    TIMEOUT_MS,
  );

  it(
    'the same holds when no chain can be asked, but that more may be booked than was taken',
    () => expectAlways({ hasChain: false, mayLie: false }),
    TIMEOUT_MS,
  );

  it(
    'a seller that took what it denied to charge is found out once a chain can be asked, and spending stops',
    () => expectAlways({ hasChain: false, mayLie: true }),
    TIMEOUT_MS,
  );
});
