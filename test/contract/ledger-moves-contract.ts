import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../src/ledger/ledger.js';
import { authorization } from '../support/offers.js';
import { acts, bring, CAP, claim, DAY, type OpenLedger, recordOf, report, ways, zeros } from './ledger-facts.js';

/** In each state: what may be done, and what is the same move again. Everything else is refused. */
const mayDo: Record<string, string[]> = {
  held: ['sign', 'release', 'expire'],
  signed: ['sign', 'settle', 'leaveUnresolved', 'releaseProven'],
  unresolved: ['settle', 'leaveUnresolved', 'releaseProven'],
  settled: ['settle'],
  released: ['release', 'releaseProven'],
  'released by proof': ['release', 'releaseProven'],
  expired: ['expire'],
};

/** A state, the act that leads into it, and the state before. */
const entries: [state: string, act: string, before: string][] = [
  ['signed', 'sign', 'held'],
  ['unresolved', 'leaveUnresolved', 'signed'],
  ['settled', 'settle', 'signed'],
  ['released', 'release', 'held'],
  ['released', 'releaseProven', 'signed'],
  ['released', 'releaseProven', 'unresolved'],
  ['expired', 'expire', 'held'],
];

/** The part of the contract that is about moves as such: which are legal, what a repeat does, and on which day they count. */
export function movesContract(open: () => OpenLedger): void {
  let books: OpenLedger;
  let ledger: Ledger;

  beforeEach(() => {
    books = open();
    ({ ledger } = books);
  });

  describe('a move', () => {
    const forbidden = Object.keys(ways).flatMap((state) =>
      Object.keys(acts).flatMap((act): [string, string][] => (mayDo[state]!.includes(act) ? [] : [[state, act]])),
    );

    // A signed or unresolved hold is not released without proof, nor one that is not signed with one: what was signed keeps counting.
    it.each(forbidden)('of a hold that is %s by %s is refused and changes nothing', async (state, act) => {
      await bring(ledger, 'a', state);
      const before = await recordOf(books);
      await expect(acts[act]!(ledger, 'a')).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await recordOf(books)).toEqual(before);
    });

    it.each(Object.keys(acts))('of a hold that does not exist by %s is refused', async (act) => {
      await expect(acts[act]!(ledger, 'nobody')).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await recordOf(books)).toEqual([[], []]);
    });

    it.each(entries)('to %s that is made again by %s (from %s) is answered the same and writes nothing', async (_state, act, origin) => {
      await bring(ledger, 'a', origin);
      const first = await acts[act]!(ledger, 'a');
      const before = await recordOf(books);
      expect(await acts[act]!(ledger, 'a')).toEqual(first);
      expect(await recordOf(books)).toEqual(before);
    });

    it.each(entries)('to %s that is made ten times at once by %s (from %s) counts once', async (_state, act, origin) => {
      await bring(ledger, 'a', origin);
      const before = (await books.auditLines()).length;
      const answers = await Promise.all(Array.from({ length: 10 }, () => acts[act]!(ledger, 'a')));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(await books.auditLines()).toHaveLength(before + 1);
    });

    it.each(['sign', 'release', 'expire'])('from held by %s leaves exactly one audit line', async (act) => {
      await ledger.place(claim('a'));
      await acts[act]!(ledger, 'a');
      expect(await books.auditLines()).toHaveLength(1);
    });

    it.each(['settle', 'leaveUnresolved', 'releaseProven'])('from signed by %s leaves exactly one audit line', async (act) => {
      await bring(ledger, 'a', 'signed');
      await acts[act]!(ledger, 'a');
      expect(await books.auditLines()).toHaveLength(2);
    });
  });

  describe('the day of a hold', () => {
    it('is the UTC day on which it was placed, also when it is settled after midnight', async () => {
      books.clock.turnTo(`${DAY}T23:59:59.999Z`);
      await ledger.place(claim('a'));
      books.clock.turnTo('2026-06-07T00:00:00.000Z');
      await ledger.sign('a', authorization(1000n));
      books.clock.turnTo('2026-06-08T09:00:00.000Z');
      expect((await ledger.settle('a', { report: report() })).hold.day).toBe(DAY);
      expect(await ledger.allTotals()).toEqual([{ ...zeros, spentMicroUsd: 1000n, calls: 1 }]);
      expect((await books.auditLines()).at(-1)).toMatchObject({ day: DAY, ts: '2026-06-08T09:00:00.000Z' });
    });

    it('does not take from the allowance of the next', async () => {
      await ledger.place(claim('a', CAP));
      books.clock.turnTo('2026-06-07T00:00:00.000Z');
      expect(await ledger.place(claim('b', CAP))).toMatchObject({ hold: { day: '2026-06-07', amountMicroUsd: CAP } });
      expect((await ledger.allTotals()).map(({ day }) => day)).toEqual([DAY, '2026-06-07']);
    });

    it('that nothing happened on has zeros', async () => {
      expect(await ledger.totals('1999-12-31')).toEqual({ ...zeros, day: '1999-12-31' });
    });
  });
}
