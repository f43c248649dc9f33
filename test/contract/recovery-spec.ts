import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type RunningProcess, startProcess } from '../support/running-process.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, RECEIPT, report, TRANSACTION, zeros } from './ledger-facts.js';

/** An instance that has not been seen for a minute is taken for dead. */
const LEASE_MS = 60_000;

describe.each(ENGINES)('recovery, on %s', (engine) => {
  let site: LedgerSite;
  beforeAll(async () => {
    site = await LedgerSite.open(engine);
  });
  afterAll(() => site.close());

  let directory: TemporaryDirectory;
  let clock: FakeClock;
  let survivor: RunningProcess;
  let other: RunningProcess;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    clock = new FakeClock(`${DAY}T15:00:00.000Z`);
    survivor = await startProcess({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    other = await startProcess({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    await other.instance.beat();
  });
  afterEach(async () => {
    await survivor.close();
    await other.close();
    directory.remove();
  });

  /** The number of a process that has run and is gone. */
  const pidOfNobody = () => spawnSync(process.execPath, ['--version']).pid;
  const kill = (process: RunningProcess) => process.becomePid(pidOfNobody());
  const place = async (process: RunningProcess, id: string) => {
    expect(await process.ledger.place(claim(id))).toMatchObject({ kind: 'held' });
  };
  const sign = async (process: RunningProcess, id: string, number: number, amountMicroUsd = 1000n) => {
    await place(process, id);
    await process.ledger.sign(id, authorization(amountMicroUsd, number));
  };
  const states = async () => (await survivor.ledger.openHolds()).map(({ hold }) => [hold.id, hold.state]);
  const record = async () => [await survivor.ledger.allTotals(), survivor.auditLines(), await survivor.ledger.openHolds()];

  it('expires what a dead process had not signed: the room is free again', async () => {
    await place(other, 'a');
    await kill(other);
    expect(await survivor.recovery.recover()).toBe(1);
    expect(await survivor.ledger.totals(DAY)).toEqual(zeros);
    expect(await states()).toEqual([]);
    expect(survivor.auditLines()).toMatchObject([
      {
        event: 'hold_expired',
        requestId: 'a',
        day: DAY,
        state: 'expired',
        booked: '0.000000',
        heldToday: '0.000000',
        reason: 'the process that placed the hold is gone; it came so far at 2026-06-06T15:00:00.000Z',
      },
    ]);
  });

  it('makes unresolved what a dead process had signed: it keeps counting', async () => {
    await sign(other, 'a', 1, 2600n);
    clock.advanceMs(1000);
    await kill(other);
    expect(await survivor.recovery.recover()).toBe(1);
    expect(await survivor.ledger.totals(DAY)).toEqual({ ...zeros, unresolvedMicroUsd: 2600n });
    expect(await survivor.ledger.openHolds()).toMatchObject([
      { hold: { id: 'a', state: 'unresolved' }, owner: other.instance.id, authorization: authorization(2600n, 1), sellerSays: undefined },
    ]);
    expect(survivor.auditLines().at(-1)).toMatchObject({
      event: 'payment_unresolved',
      requestId: 'a',
      state: 'unresolved',
      actualCostUsd: null,
      booked: '0.002600',
      heldToday: '0.002600',
      nonce: authorization(2600n, 1).nonce,
      reason: 'the process that placed the hold is gone; it came so far at 2026-06-06T15:00:00.000Z',
    });
  });

  it('books what it finds on the day of the hold, also when the process died on the day before', async () => {
    clock.turnTo(`${DAY}T23:59:30.000Z`);
    await sign(other, 'a', 1, 2600n);
    clock.turnTo('2026-06-08T09:00:00.000Z');
    await survivor.recovery.recover();
    expect(await survivor.ledger.allTotals()).toEqual([{ ...zeros, unresolvedMicroUsd: 2600n }]);
  });

  it('leaves the holds of living processes alone, its own among them', async () => {
    await place(survivor, 'mine');
    await place(other, 'theirs');
    await sign(other, 'signed', 1);
    const before = await record();
    expect(await survivor.recovery.recover()).toBe(0);
    expect(await record()).toEqual(before);
    expect(await survivor.listed()).toEqual([survivor.instance.id, other.instance.id].toSorted());
  });

  it('leaves alone what is unresolved already, whoever is dead', async () => {
    await sign(other, 'a', 1);
    await other.ledger.leaveUnresolved('a', { report: report({ event: 'upstream_error' }), sellerSays: 'not-charged' });
    await kill(other);
    const before = await record();
    expect(await survivor.recovery.recover()).toBe(0);
    expect(await record()).toEqual(before);
  });

  it('takes a process whose number runs no more for dead at once, however lately it was seen', async () => {
    await place(other, 'a');
    await kill(other);
    await survivor.recovery.recover();
    expect([await states(), await survivor.listed()]).toEqual([[], [survivor.instance.id]]);
  });

  it('takes a process for dead that has not been seen for a minute, and not a moment before', async () => {
    await place(other, 'a');
    clock.advanceMs(LEASE_MS - 1);
    expect(await survivor.recovery.recover()).toBe(0);
    clock.advanceMs(1);
    expect(await survivor.recovery.recover()).toBe(1);
    expect([await states(), await survivor.listed()]).toEqual([[], [survivor.instance.id]]);
  });

  it('takes a process for living as long as it tells so', async () => {
    await place(other, 'a');
    for (let minutes = 0; minutes < 5; minutes += 1) {
      clock.advanceMs(LEASE_MS - 1);
      await other.instance.beat();
      expect(await survivor.recovery.recover()).toBe(0);
    }
    expect(await states()).toEqual([['a', 'held']]);
  });

  // A process number means nothing on another machine, where the same ledger may be mounted.
  it('goes by the minute alone for a process on another machine', async () => {
    await place(other, 'a');
    await kill(other);
    await other.store.write((tx) => tx.updateTable('instance').set({ host: 'elsewhere' }).where('id', '=', other.instance.id).execute());
    expect(await survivor.recovery.recover()).toBe(0);
    clock.advanceMs(LEASE_MS);
    expect(await survivor.recovery.recover()).toBe(1);
  });

  it('takes over holds of an instance that is on no list', async () => {
    await place(other, 'a');
    await other.instance.onApplicationShutdown();
    expect(await survivor.recovery.recover()).toBe(1);
    expect(await states()).toEqual([]);
  });

  it('takes the dead off the list, and tells the others of itself', async () => {
    expect(await survivor.listed()).toEqual([other.instance.id]);
    await kill(other);
    await survivor.recovery.recover();
    expect(await survivor.listed()).toEqual([survivor.instance.id]);
  });

  it('done twice is done once', async () => {
    await place(other, 'a');
    await sign(other, 'b', 1);
    await kill(other);
    expect(await survivor.recovery.recover()).toBe(2);
    const before = await record();
    expect(await survivor.recovery.recover()).toBe(0);
    expect(await record()).toEqual(before);
  });

  it('of many holds ends each by what it was, and adds up', async () => {
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) await sign(other, id, index + 1, 1000n + BigInt(index));
    await other.ledger.settle('b', { report: report(), receipt: RECEIPT });
    await place(other, 'e');
    await place(survivor, 'mine');
    await kill(other);
    expect(await survivor.recovery.recover()).toBe(4);
    expect(await states()).toEqual([
      ['mine', 'held'],
      ['a', 'unresolved'],
      ['c', 'unresolved'],
      ['d', 'unresolved'],
    ]);
    expect(await survivor.ledger.totals(DAY)).toEqual({
      ...zeros,
      spentMicroUsd: 1001n,
      heldMicroUsd: 50_000n,
      unresolvedMicroUsd: 3005n,
      calls: 1,
    });
  });

  describe('of a living process that was wrongly taken for dead', () => {
    beforeEach(async () => {
      await place(other, 'unsigned');
      await sign(other, 'signed', 1);
      clock.advanceMs(LEASE_MS);
      expect(await survivor.recovery.recover()).toBe(2);
    });

    it('keeps it from signing the hold that expired', async () => {
      const before = await record();
      await expect(other.ledger.sign('unsigned', authorization(1000n, 2))).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await record()).toEqual(before);
    });

    it('lets it settle what it had signed, once', async () => {
      expect(await other.ledger.settle('signed', { report: report(), receipt: RECEIPT })).toMatchObject({
        totals: { ...zeros, spentMicroUsd: 1000n, calls: 1 },
      });
      expect(survivor.auditLines().at(-1)).toMatchObject({ event: 'chat_completion', state: 'settled', receiptRef: TRANSACTION });
      expect(await survivor.recovery.recover()).toBe(0);
      expect(await states()).toEqual([]);
    });

    it('lets it leave unresolved what it had signed', async () => {
      await other.ledger.leaveUnresolved('signed', { report: report({ event: 'upstream_error' }) });
      expect(await survivor.ledger.totals(DAY)).toEqual({ ...zeros, unresolvedMicroUsd: 1000n });
    });

    it('has it back on the list with its next beat, and its new holds are its own', async () => {
      await other.recovery.recover();
      await place(other, 'new');
      expect(await survivor.recovery.recover()).toBe(0);
      expect(await states()).toEqual([
        ['signed', 'unresolved'],
        ['new', 'held'],
      ]);
    });
  });
});
