import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../src/ledger/ledger.js';
import type { SignedAuthorization } from '../../src/money/authorization.js';
import { authorization } from '../support/offers.js';
import { claim, type OpenLedger, recordOf, report } from './ledger-facts.js';

const ON_SOLANA: SignedAuthorization = {
  ...authorization(1000n),
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  nonce: 'a signature',
};

/** The part of the contract that is about payments on Solana. */
export function solanaContract(open: () => OpenLedger): void {
  let books: OpenLedger;
  let ledger: Ledger;

  beforeEach(() => {
    books = open();
    ({ ledger } = books);
  });

  describe('signing on Solana', () => {
    it('keeps the last block that can take a payment on Solana', async () => {
      await ledger.place(claim('a'));
      await ledger.sign('a', { ...ON_SOLANA, lastValidBlockHeight: 360_000_150n });
      expect(await ledger.openHolds()).toMatchObject([{ authorization: { ...ON_SOLANA, lastValidBlockHeight: 360_000_150n } }]);
      expect(await books.auditLines()).toMatchObject([{ event: 'payment_signed', lastValidBlockHeight: '360000150' }]);
    });

    // Two that are the same to the last byte are one transaction there, and would be paid once for two requests.
    it('the same transaction on Solana for another hold is refused and changes nothing', async () => {
      await ledger.place(claim('a'));
      await ledger.place(claim('b'));
      await ledger.sign('a', ON_SOLANA);
      const before = await recordOf(books);
      await expect(ledger.sign('b', ON_SOLANA)).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await recordOf(books)).toEqual(before);
      await ledger.settle('a', { report: report() });
      await expect(ledger.sign('b', ON_SOLANA)).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect((await ledger.sign('b', { ...ON_SOLANA, nonce: 'another' })).hold.state).toBe('signed');
    });
  });
}
