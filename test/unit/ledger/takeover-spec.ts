import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SummaryFile } from '../../../src/ledger/summary-file.js';
import { takeOverSummary } from '../../../src/ledger/takeover.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type Books, openBooks } from '../../support/open-books.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

describe('the takeover of a ledger.json of the original', () => {
  const clock = new FakeClock('2026-06-06T15:00:00.000Z');
  let directory: TemporaryDirectory;
  let books: Books;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    books = await openBooks({ directory: directory.path, clock });
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
  });

  function takeOver(text?: string): Promise<void> {
    if (text !== undefined) writeFileSync(directory.file('ledger.json'), text);
    return takeOverSummary({ store: books.store, audit: books.audit, clock, file: new SummaryFile(directory.file('ledger.json')) });
  }

  it('brings the days with what was spent and how many calls there were', async () => {
    await takeOver('{"2026-06-05":{"spentUsd":0.1,"calls":3},"2026-06-06":{"spentUsd":0.0026,"calls":1}}');
    expect(await books.ledger.allTotals()).toMatchObject([
      { day: '2026-06-05', spentMicroUsd: 100_000n, heldMicroUsd: 0n, calls: 3 },
      { day: '2026-06-06', spentMicroUsd: 2600n, heldMicroUsd: 0n, calls: 1 },
    ]);
  });

  it('leaves an entry and an audit line for each day', async () => {
    await takeOver('{"2026-06-05":{"spentUsd":0.1,"calls":3},"2026-06-06":{"spentUsd":0.0026,"calls":1}}');
    const entries = await books.store.reader.selectFrom('entry').select(['day', 'state', 'amount']).orderBy('seq').execute();
    expect(entries).toEqual([
      { day: '2026-06-05', state: 'settled', amount: 100_000n },
      { day: '2026-06-06', state: 'settled', amount: 2600n },
    ]);
    expect(books.auditLines()).toMatchObject([
      { event: 'ledger_takeover', day: '2026-06-05', spent: '0.100000', calls: 3 },
      { event: 'ledger_takeover', day: '2026-06-06', spent: '0.002600', calls: 1 },
    ]);
  });

  it('counts against the cap of today', async () => {
    await takeOver('{"2026-06-06":{"spentUsd":0.97,"calls":40}}');
    const placed = await books.ledger.place({ id: 'req_1', model: 'm', maxMicroUsd: 50_000n, capMicroUsd: 1_000_000n });
    expect(placed).toMatchObject({ kind: 'held', hold: { amountMicroUsd: 30_000n } });
  });

  it('happens once: a summary that this proxy wrote is not added again', async () => {
    await takeOver('{"2026-06-06":{"spentUsd":0.5,"calls":1}}');
    await takeOver();
    await takeOver('{"2026-06-06":{"spentUsd":0.9,"calls":9},"2026-06-05":{"spentUsd":0.9,"calls":9}}');
    expect(await books.ledger.allTotals()).toMatchObject([{ day: '2026-06-06', spentMicroUsd: 500_000n, calls: 1 }]);
  });

  it('does nothing where there is no file', async () => {
    await takeOver();
    expect(await books.ledger.allTotals()).toEqual([]);
    expect(books.auditLines()).toEqual([]);
  });

  it('takes over all days or none', async () => {
    await expect(takeOver('{"2026-06-05":{"spentUsd":0.1,"calls":3},"2026-06-06":{"spentUsd":-1,"calls":1}}')).rejects.toMatchObject({
      code: 'ledger_unavailable',
    });
    expect(await books.ledger.allTotals()).toEqual([]);
    expect(books.auditLines()).toEqual([]);
  });

  it('is refused while the file cannot be understood, also at the next try', async () => {
    await expect(takeOver('{"2026-06-06":')).rejects.toMatchObject({ code: 'ledger_unavailable' });
    await expect(takeOver()).rejects.toMatchObject({ code: 'ledger_unavailable' });
  });
});
