import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CodedError } from '../../src/errors/coded-error.js';
import type { OpenHold } from '../../src/ledger/ledger.js';
import { until } from '../support/until.js';
import { FakeClock } from '../support/fake-clock.js';
import { ENGINES, LedgerSite } from '../support/ledger-site.js';
import { authorization } from '../support/offers.js';
import { type RunningProcess, startProcess } from '../support/running-process.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, report, zeros } from './ledger-facts.js';

const SWEEP_EVERY_MS = 15_000;
const LEASE_MS = 60_000;

describe.each(ENGINES)('recovery of a running proxy, on %s', (engine) => {
  let site: LedgerSite;
  beforeAll(async () => {
    site = await LedgerSite.open(engine);
  });
  afterAll(() => site.close());

  let directory: TemporaryDirectory;
  let clock: FakeClock;
  let proxy: RunningProcess;
  let other: RunningProcess;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    clock = new FakeClock(`${DAY}T15:00:00.000Z`);
    proxy = await startProcess({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    other = await startProcess({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
    await other.instance.beat();
    jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
  });
  afterEach(async () => {
    jest.useRealTimers();
    await proxy.close();
    await other.close();
    directory.remove();
  });

  const sign = async (process: RunningProcess, id: string) => {
    await process.ledger.place(claim(id));
    await process.ledger.sign(id, authorization(1000n));
  };
  const states = async () => (await proxy.ledger.openHolds()).map(({ hold }) => [hold.id, hold.state]);
  const events = () => proxy.auditLines().map(({ event }) => event);
  /** Time goes on, and the proxy looks again. */
  const sweep = (afterMs = SWEEP_EVERY_MS) => {
    clock.advanceMs(afterMs);
    jest.advanceTimersByTime(SWEEP_EVERY_MS);
  };

  it('is done before the start is over', async () => {
    await other.ledger.place(claim('a'));
    clock.advanceMs(LEASE_MS);
    await proxy.recovery.onApplicationBootstrap();
    expect(await states()).toEqual([]);
  });

  it('keeps the proxy from starting when it cannot be written', async () => {
    await other.ledger.place(claim('a'));
    clock.advanceMs(LEASE_MS);
    jest.spyOn(proxy.ledger, 'expire').mockRejectedValue(new CodedError('audit_unavailable', 'the disk is full'));
    await expect(proxy.recovery.onApplicationBootstrap()).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(await states()).toEqual([['a', 'held']]);
  });

  it('comes again every fifteen seconds, and tells the others each time that this process lives', async () => {
    await proxy.recovery.onApplicationBootstrap();
    await other.ledger.place(claim('a'));
    for (let beats = 0; beats < 3; beats += 1) {
      sweep();
      await until(async () => (await seenAt()) === clock.now().getTime(), 'the beat');
      expect(await states()).toEqual([['a', 'held']]);
    }
    sweep();
    await until(async () => (await states()).length === 0, 'the hold of the dead process to expire');
    expect(events()).toEqual(['hold_expired']);
  });
  const seenAt = async () => {
    const rows = await proxy.store.reader.selectFrom('instance').select('seen_at').where('id', '=', proxy.instance.id).execute();
    return Number(rows[0]?.seen_at);
  };

  it('that fails once comes again', async () => {
    await proxy.recovery.onApplicationBootstrap();
    await other.ledger.place(claim('a'));
    const failing = jest.spyOn(proxy.ledger, 'openHolds').mockRejectedValueOnce(new CodedError('ledger_unavailable', 'the disk is full'));
    sweep(LEASE_MS);
    await until(() => failing.mock.calls.length > 0, 'the sweep that fails');
    expect(await states()).toEqual([['a', 'held']]);
    sweep();
    await until(async () => (await states()).length === 0, 'the next sweep');
  });

  it('ends with the proxy', async () => {
    await proxy.recovery.onApplicationBootstrap();
    await proxy.recovery.onModuleDestroy();
    await other.ledger.place(claim('a'));
    const looks = jest.spyOn(proxy.ledger, 'openHolds');
    sweep(LEASE_MS);
    expect([jest.getTimerCount(), looks.mock.calls.length]).toEqual([0, 0]);
  });

  it('looks into what it has made unresolved: without a chain it is spent once it has run out', async () => {
    await sign(other, 'a');
    clock.turnTo('2027-01-15T08:02:00.000Z');
    await proxy.recovery.onApplicationBootstrap();
    expect(await states()).toEqual([['a', 'unresolved']]);
    sweep(1000);
    await until(async () => (await states()).length === 0, 'the payment to be booked as spent');
    expect(await proxy.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 1000n, calls: 1 });
    expect(events()).toEqual(['payment_signed', 'payment_unresolved', 'payment_reconciled']);
  });

  describe('beside others that go on meanwhile', () => {
    /** Has something happen right after the proxy has read which holds are open. */
    const whileItReads = (act: () => Promise<unknown>) => {
      const read = proxy.ledger.openHolds.bind(proxy.ledger);
      jest.spyOn(proxy.ledger, 'openHolds').mockImplementationOnce(async (): Promise<OpenHold[]> => {
        const holds = await read();
        await act();
        return holds;
      });
    };

    // Guards against a proxy that does not start since another one was quicker to end a hold.
    it('passes over a payment that is settled by then', async () => {
      await sign(other, 'a');
      await other.ledger.place(claim('b'));
      clock.advanceMs(LEASE_MS);
      whileItReads(() => other.ledger.settle('a', { report: report() }));
      await proxy.recovery.recover();
      expect(await states()).toEqual([]);
      expect(await proxy.ledger.totals(DAY)).toEqual({ ...zeros, spentMicroUsd: 1000n, calls: 1 });
    });

    it('passes over a hold that is signed by then, and finds it signed the next time', async () => {
      await other.ledger.place(claim('a'));
      clock.advanceMs(LEASE_MS);
      whileItReads(() => other.ledger.sign('a', authorization(1000n)));
      await proxy.recovery.recover();
      expect(await states()).toEqual([['a', 'signed']]);
      await proxy.recovery.recover();
      expect(await states()).toEqual([['a', 'unresolved']]);
    });

    it('passes over a payment that another proxy has taken over by then', async () => {
      await sign(other, 'a');
      clock.advanceMs(LEASE_MS);
      const third = await startProcess({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
      whileItReads(() => third.recovery.recover());
      await proxy.recovery.recover();
      await third.close();
      expect(await states()).toEqual([['a', 'unresolved']]);
      expect(events()).toEqual(['payment_signed', 'payment_unresolved']);
    });

    // Guards against reading who lives before which holds there are: a proxy that starts in between would be taken for dead.
    it('leaves the hold of a proxy alone that has just started', async () => {
      const third = await startProcess({ directory: directory.path, clock, openStore: site.storeIn(directory.path) });
      const all = proxy.instance.all.bind(proxy.instance);
      const starts = async () => {
        await third.recovery.recover();
        await third.ledger.place(claim('new'));
      };
      jest.spyOn(proxy.instance, 'all').mockImplementationOnce(async () => {
        const before = await all();
        await starts();
        return before;
      });
      await proxy.recovery.recover();
      await third.close();
      expect(await states()).toEqual([['new', 'held']]);
    });
  });
});
