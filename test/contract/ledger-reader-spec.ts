import { describe, expect, it } from '@jest/globals';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { SpendingHistory } from '../support/spending-history.js';

describe('the payments of a day', () => {
  it('are all that were signed for its holds, ended or not, in the order in which they came into their state', async () => {
    const history = await SpendingHistory.begin();
    try {
      await history.on('2026-06-05T23:59:59.999Z', { id: 'before', end: 'signed' });
      await history.on(
        '2026-06-06T00:00:00.000Z',
        { id: 'lost', end: 'unresolved', price: 5n },
        { id: 'free', end: 'free' },
        { id: 'paid', end: 'settled', price: 6n },
        { id: 'given back', end: 'proven' },
        { id: 'held', end: 'held' },
        { id: 'running', end: 'signed', price: 7n },
      );
      const payments = await new LedgerReader(history.books.store).paymentsOf('2026-06-06');
      expect(payments.map(({ holdId, state, transaction }) => [holdId, state, transaction])).toEqual([
        ['lost', 'unresolved', undefined],
        ['paid', 'settled', '0x12'],
        ['given back', 'released', undefined],
        ['running', 'signed', undefined],
      ]);
      expect(payments.map(({ authorization }) => authorization.amountMicroUsd)).toEqual([5n, 6n, 1000n, 7n]);
    } finally {
      await history.end();
    }
  });
});
