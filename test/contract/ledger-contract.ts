import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Ledger, PlacedHold } from '../../src/ledger/ledger.js';
import { authorization } from '../support/offers.js';
import { bring, CAP, claim, DAY, type OpenLedger, RECEIPT, recordOf, report, TRANSACTION, zeros } from './ledger-facts.js';
import { limitsContract } from './ledger-limits-contract.js';
import { movesContract } from './ledger-moves-contract.js';
import { solanaContract } from './ledger-solana-contract.js';

/** The promises of the port `Ledger`, to be kept by every adapter. */
export function ledgerContract(open: () => Promise<OpenLedger>): void {
  let books: OpenLedger;
  let ledger: Ledger;

  beforeEach(async () => {
    books = await open();
    books.clock.turnTo(`${DAY}T15:00:00.000Z`);
    ({ ledger } = books);
  });
  afterEach(() => books.close());

  async function place(id: string, maxMicroUsd?: bigint, capMicroUsd?: bigint): Promise<PlacedHold> {
    const placed = await ledger.place(claim(id, maxMicroUsd, capMicroUsd));
    if (placed.kind !== 'held') throw new Error('there was no room for the hold that the test begins with');
    return placed;
  }

  describe('placing a hold', () => {
    it('sets aside the most that a request may cost', async () => {
      expect(await ledger.place(claim('a'))).toEqual({
        kind: 'held',
        hold: { id: 'a', day: DAY, state: 'held', amountMicroUsd: 50_000n, model: 'openai/gpt-5.4-mini' },
        totals: { ...zeros, heldMicroUsd: 50_000n },
      });
    });

    it('works up to the cap exactly, and the next is refused', async () => {
      for (let number = 0; number < 20; number += 1) await place(`${number}`);
      expect(await ledger.place(claim('one more'))).toEqual({
        kind: 'cap-reached',
        totals: { ...zeros, heldMicroUsd: CAP },
        limit: { kind: 'daily', client: undefined, used: CAP, max: CAP, held: CAP, returnable: CAP },
      });
      expect(await ledger.totals(DAY)).toEqual({ ...zeros, heldMicroUsd: CAP });
    });

    it('works for several in their order, up to the first that is left no room', async () => {
      const asked = ['a', 'b', 'c', 'd'].map((id) => claim(id, id === 'd' ? 1n : 400_000n));
      expect((await ledger.placeInOrder(asked)).map(({ kind, totals }) => [kind, totals.heldMicroUsd])).toEqual([
        ['held', 400_000n],
        ['held', 800_000n],
        ['cap-reached', 800_000n],
      ]);
      expect((await ledger.openHolds()).map(({ hold }) => hold.id)).toEqual(['a', 'b']);
      expect(await ledger.placeInOrder(asked.slice(0, 2))).toMatchObject([{ hold: { id: 'a' } }, { hold: { id: 'b' } }]);
    });

    it('takes what is left when that is less than the most', async () => {
      await place('a', 970_000n);
      await ledger.sign('a', authorization(970_000n));
      expect((await place('b')).hold.amountMicroUsd).toBe(30_000n);
    });

    it('takes the last micro-USD, and then nothing more', async () => {
      await place('a', CAP - 1n);
      await ledger.sign('a', authorization(CAP - 1n));
      expect((await place('b')).hold.amountMicroUsd).toBe(1n);
      await ledger.sign('b', authorization(1n, 2));
      expect((await ledger.place(claim('c'))).kind).toBe('cap-reached');
    });

    it.each(['signed', 'unresolved', 'settled'])('counts what is %s against the cap', async (state) => {
      await bring(ledger, 'a', state);
      expect((await place('b', CAP)).hold.amountMicroUsd).toBe(CAP - 1000n);
      expect((await ledger.place(claim('c'))).kind).toBe('cap-reached');
    });

    it('does not divide up further what unsigned holds of others take', async () => {
      await place('a', 970_000n);
      expect((await ledger.place(claim('b'))).kind).toBe('cap-reached');
      await ledger.sign('a', authorization(1000n));
      expect((await place('b')).hold.amountMicroUsd).toBe(50_000n);
    });

    it('is refused when a cap below what is spent already is given', async () => {
      await bring(ledger, 'a', 'settled');
      expect((await ledger.place(claim('b', 50_000n, 999n))).kind).toBe('cap-reached');
      expect((await ledger.place(claim('b', 50_000n, 1000n))).kind).toBe('cap-reached');
      expect((await place('b', 50_000n, 1001n)).hold.amountMicroUsd).toBe(1n);
    });

    it('stays within the cap when two hundred come at once', async () => {
      const placed = await Promise.all(Array.from({ length: 200 }, (_, number) => ledger.place(claim(`${number}`, 30_000n))));
      expect(placed.filter(({ kind }) => kind === 'held')).toHaveLength(33);
      expect(await ledger.totals(DAY)).toEqual({ ...zeros, heldMicroUsd: 990_000n });
    });

    it('with the same claim again is answered with the same hold and changes nothing', async () => {
      const first = await place('a');
      const before = await recordOf(books);
      expect(await ledger.place(claim('a'))).toEqual(first);
      expect(await recordOf(books)).toEqual(before);
    });

    it('with the same claim again is answered with the same hold when there is no room for another', async () => {
      const first = await place('a', CAP);
      expect(await ledger.place(claim('a', CAP))).toEqual(first);
    });

    it('under an id that is taken by another claim is refused and changes nothing', async () => {
      await place('a');
      const before = await recordOf(books);
      await expect(ledger.place({ ...claim('a'), model: 'another/model' })).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await recordOf(books)).toEqual(before);
    });

    it('leaves no audit line', async () => {
      await place('a');
      expect(await books.auditLines()).toEqual([]);
    });
  });

  describe('signing', () => {
    it('shrinks the hold to what was signed', async () => {
      await place('a');
      expect(await ledger.sign('a', authorization(2600n))).toEqual({
        hold: { id: 'a', day: DAY, state: 'signed', amountMicroUsd: 2600n, model: 'openai/gpt-5.4-mini' },
        totals: { ...zeros, signedMicroUsd: 2600n },
      });
    });

    it('may take the whole hold', async () => {
      await place('a');
      expect((await ledger.sign('a', authorization(50_000n))).totals).toEqual({ ...zeros, signedMicroUsd: 50_000n });
    });

    it('of one micro-USD more than the hold is refused and changes nothing', async () => {
      await place('a');
      const before = await recordOf(books);
      await expect(ledger.sign('a', authorization(50_001n))).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await recordOf(books)).toEqual(before);
    });

    it('leaves a line with everything that the signature allows', async () => {
      await place('a');
      const { network: paymentNetwork, asset, payer, payee, nonce } = authorization(2600n);
      await ledger.sign('a', authorization(2600n));
      expect(await books.auditLines()).toEqual([
        expect.objectContaining({
          event: 'payment_signed',
          requestId: 'a',
          day: DAY,
          amount: '0.002600',
          paymentNetwork,
          asset,
          payer,
          payee,
          nonce,
          validBefore: '1800000000',
        }),
      ]);
    });

    // Guards against a second signature that is answered like the first, and so leaves the process without being on record.
    it('something else for a hold that is signed already is refused', async () => {
      await bring(ledger, 'a', 'signed');
      await expect(ledger.sign('a', authorization(1000n, 2))).rejects.toMatchObject({ code: 'ledger_unavailable' });
    });
  });

  describe('the end of a hold', () => {
    it('settled is spent, and a call', async () => {
      await bring(ledger, 'a', 'signed');
      expect(await ledger.settle('a', { report: report(), receipt: RECEIPT })).toEqual({
        hold: { id: 'a', day: DAY, state: 'settled', amountMicroUsd: 1000n, model: 'openai/gpt-5.4-mini' },
        totals: { ...zeros, spentMicroUsd: 1000n, calls: 1 },
      });
      expect((await books.auditLines()).at(-1)).toMatchObject({
        event: 'chat_completion',
        requestId: 'a',
        state: 'settled',
        actualCostUsd: 0.001,
        bookedCostUsd: 0.001,
        booked: '0.001000',
        spentTodayUsd: 0.001,
        spentToday: '0.001000',
        receiptRef: TRANSACTION,
        paymentNetwork: 'eip155:8453',
        nonce: authorization(1000n).nonce,
      });
    });

    it('unresolved keeps counting, and costs nobody knows what', async () => {
      await bring(ledger, 'a', 'signed');
      const { totals } = await ledger.leaveUnresolved('a', { report: report({ event: 'upstream_error', reason: 'a time-out' }) });
      expect(totals).toEqual({ ...zeros, unresolvedMicroUsd: 1000n });
      expect((await books.auditLines()).at(-1)).toMatchObject({
        event: 'payment_unresolved',
        actualCostUsd: null,
        booked: '0.001000',
        reason: 'a time-out',
        heldToday: '0.001000',
      });
    });

    it('unresolved and delivered is not a call yet: it is counted when it is settled', async () => {
      await bring(ledger, 'a', 'signed');
      expect((await ledger.leaveUnresolved('a', { report: report() })).totals).toEqual({ ...zeros, unresolvedMicroUsd: 1000n });
      expect((await books.auditLines()).at(-1)).toMatchObject({ event: 'chat_completion', state: 'unresolved', actualCostUsd: null });
    });

    it('unresolved may turn out to be spent', async () => {
      await bring(ledger, 'a', 'unresolved');
      expect((await ledger.settle('a', { report: report() })).totals).toEqual({ ...zeros, spentMicroUsd: 1000n, calls: 1 });
    });

    // Guards against a call that is counted when it is delivered and once more when its payment is found.
    it('unresolved, delivered and found to be spent is one call', async () => {
      await bring(ledger, 'a', 'signed');
      await ledger.leaveUnresolved('a', { report: report() });
      expect((await ledger.settle('a', { report: report() })).totals).toEqual({ ...zeros, spentMicroUsd: 1000n, calls: 1 });
    });

    it.each([
      [true, 1],
      [false, 0],
    ])('released goes back whole; answered: %s', async (answered, calls) => {
      await place('a');
      expect((await ledger.release('a', { report: report(), answered })).totals).toEqual({ ...zeros, calls });
      expect((await books.auditLines()).at(-1)).toMatchObject({ state: 'released', actualCostUsd: 0, booked: '0.000000' });
    });

    it('released leaves room for another', async () => {
      await place('a', CAP);
      await ledger.release('a', { report: report(), answered: false });
      expect((await place('b', CAP)).hold.amountMicroUsd).toBe(CAP);
    });
  });

  movesContract(() => books);
  limitsContract(() => books);
  solanaContract(() => books);
}
