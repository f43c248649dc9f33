import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeChain } from '../support/fake-chain.js';
import { FakeClock } from '../support/fake-clock.js';
import { authorization, OTHER_PAYEE, PAYEE, TEST_PAYER } from '../support/offers.js';
import { type RunningProcess, startProcess } from '../support/running-process.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, report, TRANSACTION, zeros } from './ledger-facts.js';

const DAY_BEFORE = '2026-06-05';
const DAY_AFTER = '2026-06-07';

describe('reconciliation on real books', () => {
  let directory: TemporaryDirectory;
  let clock: FakeClock;
  let chain: FakeChain;
  let books: RunningProcess;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    clock = new FakeClock(`${DAY}T15:00:00.000Z`);
    chain = new FakeChain();
    books = await startProcess({ directory: directory.path, clock, chain });
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
  });

  const nonceOf = (number: number) => authorization(1n, number).nonce;
  const transfer = (number: number, at: string, amountMicroUsd = 1000n) => {
    return { transaction: TRANSACTION, payee: PAYEE, amountMicroUsd, nonce: nonceOf(number), at: new Date(at) };
  };
  const sign = async (id: string, number: number, payer = TEST_PAYER) => {
    await books.ledger.place(claim(id));
    await books.ledger.sign(id, { ...authorization(1000n, number), payer });
  };
  const settle = async (id: string, number: number, payer = TEST_PAYER) => {
    await sign(id, number, payer);
    await books.ledger.settle(id, { report: report() });
  };
  const leaveUnresolved = async (id: string, number: number) => {
    await sign(id, number);
    await books.ledger.leaveUnresolved(id, { report: report({ event: 'upstream_error' }) });
  };
  const unresolved = async () => (await books.ledger.openHolds()).map(({ hold }) => hold.id);
  const compare = () => books.reconciliation.compare(DAY);

  describe('looking into payments without a verdict', () => {
    it('ends each by what the chain says of it', async () => {
      for (const [index, id] of ['used', 'canceled', 'run out', 'living'].entries()) await leaveUnresolved(id, index);
      const { validBefore } = authorization(1n);
      chain.uses.set(nonceOf(0), { kind: 'used', transaction: TRANSACTION });
      chain.uses.set(nonceOf(1), { kind: 'void', reason: `the wallet canceled it (${TRANSACTION})` });
      chain.uses.set(nonceOf(2), { kind: 'unused', asOf: validBefore + 121n });
      chain.uses.set(nonceOf(3), { kind: 'unused', asOf: validBefore + 120n });
      const resolved = await books.reconciliation.resolve();
      expect(resolved.map(({ open, resolution }) => [open.hold.id, resolution.kind])).toEqual([
        ['used', 'settle'],
        ['canceled', 'release'],
        ['run out', 'release'],
        ['living', 'wait'],
      ]);
      expect(await books.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 1000n, unresolvedMicroUsd: 1000n, calls: 1 });
      expect(books.auditLines().filter(({ event }) => event === 'payment_reconciled')).toMatchObject([
        { requestId: 'used', state: 'settled', booked: '0.001000', receiptRef: TRANSACTION },
        { requestId: 'canceled', state: 'released', booked: '0.000000', reason: expect.stringContaining(TRANSACTION) },
        { requestId: 'run out', state: 'released', booked: '0.000000' },
      ]);
    });

    it('asks nothing and books nothing for holds of calls that are under way', async () => {
      await books.ledger.place(claim('held'));
      await sign('signed', 1);
      expect(await books.reconciliation.resolve()).toEqual([]);
      expect(await unresolved()).toEqual(['held', 'signed']);
    });

    it('keeps what it has found out when the node then goes away, and goes on with the rest when it is back', async () => {
      await leaveUnresolved('a', 1);
      await leaveUnresolved('b', 2);
      chain.uses.set(nonceOf(1), { kind: 'used', transaction: TRANSACTION });
      await expect(books.reconciliation.resolve()).rejects.toMatchObject({ code: 'chain_unavailable' });
      expect(await unresolved()).toEqual(['b']);
      expect(await books.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 1000n, unresolvedMicroUsd: 1000n, calls: 1 });
      chain.uses.set(nonceOf(2), { kind: 'used', transaction: undefined });
      await books.reconciliation.resolve();
      expect(await books.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 2000n, calls: 2 });
    });
  });

  describe('comparing a day', () => {
    it('asks once for each wallet that paid, over the time in which it can have been taken', async () => {
      await settle('a', 1);
      await settle('b', 2);
      await settle('c', 3, OTHER_PAYEE);
      chain.transfers.set(TEST_PAYER, [transfer(1, `${DAY}T15:00:01.000Z`), transfer(2, `${DAY}T15:00:02.000Z`)]);
      chain.transfers.set(OTHER_PAYEE, [transfer(3, `${DAY}T15:00:03.000Z`)]);
      expect(await compare()).toMatchObject({
        bookedMicroUsd: 3000n,
        takenMicroUsd: 3000n,
        matches: [{}, {}, {}],
        notTaken: [],
        foreign: [],
      });
      const time = { from: new Date(`${DAY_BEFORE}T23:00:00.000Z`), to: new Date(`${DAY_AFTER}T01:10:00.000Z`) };
      expect(chain.asked).toEqual([TEST_PAYER, OTHER_PAYEE].map((wallet) => ({ wallet, ...time })));
    });

    it('knows the payments of the days around it, of which some are taken on this one', async () => {
      clock.turnTo(`${DAY_BEFORE}T23:59:59.000Z`);
      await settle('before', 1);
      clock.turnTo(`${DAY_AFTER}T00:00:01.000Z`);
      await settle('after', 2);
      const foreign = transfer(3, `${DAY}T12:00:00.000Z`);
      chain.transfers.set(TEST_PAYER, [transfer(1, `${DAY}T00:00:02.000Z`), foreign, transfer(2, `${DAY}T23:59:59.000Z`)]);
      expect(await compare()).toMatchObject({ bookedMicroUsd: 0n, takenMicroUsd: 0n, foreign: [foreign] });
    });

    it('finds what is booked and not taken once it has run out, and changes nothing', async () => {
      await settle('a', 1);
      chain.transfers.set(TEST_PAYER, []);
      expect((await compare())?.notTaken).toEqual([]);
      clock.turnTo('2027-01-15T08:02:01.000Z');
      const before = books.auditLines();
      expect((await compare())?.notTaken).toMatchObject([{ holdId: 'a' }]);
      expect([await books.ledger.totals(DAY), books.auditLines()]).toEqual([{ ...zeros, spentMicroUsd: 1000n, calls: 1 }, before]);
    });

    // Guards against a call that is signed and taken after the payments were read, and before the transfers are.
    it('does not take for foreign what is signed and taken while it asks', async () => {
      await settle('a', 1);
      const ask = chain.transfersFrom.bind(chain);
      chain.transfersFrom = async (wallet, time) => {
        await settle('b', 2);
        return ask(wallet, time);
      };
      chain.transfers.set(TEST_PAYER, [transfer(1, `${DAY}T15:00:01.000Z`), transfer(2, `${DAY}T15:00:02.000Z`)]);
      expect(await compare()).toMatchObject({ bookedMicroUsd: 2000n, takenMicroUsd: 2000n, notTaken: [], foreign: [] });
    });

    it('books nothing when the node is away', async () => {
      await leaveUnresolved('a', 1);
      await books.ledger.releaseProven('a', { event: 'payment_reconciled', reason: 'a proof' });
      await expect(compare()).rejects.toMatchObject({ code: 'chain_unavailable' });
      expect(await books.ledger.totals(DAY)).toEqual(zeros);
    });

    it('books an overrun above the cap if need be, and stops spending', async () => {
      await leaveUnresolved('a', 1);
      await books.ledger.releaseProven('a', { event: 'payment_reconciled', reason: 'a proof' });
      await books.ledger.place(claim('b', 1_000_000n));
      await books.ledger.sign('b', authorization(1_000_000n, 2));
      chain.transfers.set(TEST_PAYER, [transfer(1, `${DAY}T15:00:01.000Z`)]);
      expect((await compare())?.overruns).toMatchObject([{ payment: { holdId: 'a' } }]);
      expect(await books.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 1000n, signedMicroUsd: 1_000_000n });
      await expect(books.ledger.place(claim('c'))).rejects.toMatchObject({ code: 'spending_stopped' });
    });
  });
});
