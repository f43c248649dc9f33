import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { type Cut, CuttingRelay } from '../support/cutting-relay.js';
import { authorization } from '../support/offers.js';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { type RunningProcess, startProcess } from '../support/running-process.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, report } from './ledger-facts.js';

/** A process that was in the middle of a move of hold `a` when its server went, for longer than it is asked what became of it. */
class CutOff {
  private constructor(
    private readonly relay: CuttingRelay,
    private readonly directory: TemporaryDirectory,
    readonly process: RunningProcess,
    /** What the move ended in. */
    readonly failure: unknown,
  ) {}

  static async during(move: 'place' | 'sign', cut: Cut, url: string): Promise<CutOff> {
    const relay = await CuttingRelay.to(url);
    const directory = new TemporaryDirectory();
    const openStore = () => SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger: true }, () => new PostgresEngine(relay.url));
    const process = await startProcess({ directory: directory.path, clock: { now: () => new Date() }, openStore });
    const { ledger, instance } = process;
    await instance.beat();
    if (move === 'sign') await ledger.place(claim('a'));
    relay.cut = cut;
    relay.goesDown = true;
    const moved: Promise<unknown> = move === 'place' ? ledger.place(claim('a')) : ledger.sign('a', authorization(1000n));
    const failure = await moved.catch((error: unknown) => error);
    relay.isDown = false; // the server answers again
    return new CutOff(relay, directory, process, failure);
  }

  async states(): Promise<string[]> {
    return (await this.process.store.reader.selectFrom('entry').select('state').orderBy('seq').execute()).map(({ state }) => state);
  }

  async counted(): Promise<bigint[]> {
    const { heldMicroUsd, signedMicroUsd, unresolvedMicroUsd } = await this.process.ledger.totals(new Date().toISOString().slice(0, 10));
    return [heldMicroUsd, signedMicroUsd, unresolvedMicroUsd];
  }

  async stop(): Promise<void> {
    await this.process.close();
    await this.relay.stop();
    this.directory.remove();
  }
}

describe('a hold of which the ledger gave no answer', () => {
  let server: PostgresServer;
  let placed: CutOff;
  let signed: CutOff;
  let notSigned: CutOff;
  let notPlaced: CutOff;

  // At once, since each is asked for during ten seconds.
  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await PostgresServer.start();
    const databases = await Promise.all([1, 2, 3, 4].map(() => server.database()));
    const [one = '', two = '', three = '', four = ''] = databases;
    [placed, signed, notSigned, notPlaced] = await Promise.all([
      CutOff.during('place', 'after-commit', one),
      CutOff.during('sign', 'after-commit', two),
      CutOff.during('sign', 'before-commit', three),
      CutOff.during('place', 'before-commit', four),
    ]);
  });
  afterAll(async () => {
    for (const world of [placed, signed, notSigned, notPlaced]) await world.stop();
    await server.stop();
  });

  it('is an error to whoever asked, and nothing is paid on it', () => {
    for (const { failure } of [placed, signed, notSigned, notPlaced]) {
      expect(failure).toMatchObject({
        code: 'ledger_unavailable',
        message: expect.stringMatching(/whose outcome nobody knows yet/) as unknown,
      });
    }
  });

  it('when it was placed gives its room back once the server answers again, while its process lives on', async () => {
    expect(await placed.counted()).toEqual([50_000n, 0n, 0n]);
    await placed.process.recovery.recover();
    expect(await placed.states()).toEqual(['held', 'expired']);
    expect(await placed.counted()).toEqual([0n, 0n, 0n]);
    expect(placed.process.auditLines().at(-1)).toMatchObject({
      event: 'hold_expired',
      reason: expect.stringMatching(/gave no answer/) as unknown,
    });
    await expect(placed.process.ledger.sign('a', authorization(1000n))).rejects.toMatchObject({ code: 'ledger_unavailable' });
    await placed.process.recovery.recover();
    expect(await placed.states()).toHaveLength(2);
  });

  it('when it was signed, and never sent, counts until there is proof, which is looked for', async () => {
    await signed.process.recovery.recover();
    expect(await signed.states()).toEqual(['held', 'signed', 'unresolved']);
    expect(await signed.counted()).toEqual([0n, 0n, 1000n]);
  });

  it('is left to its purchase where the signature did not arrive: that one gives it back', async () => {
    await notSigned.process.recovery.recover();
    expect(await notSigned.states()).toEqual(['held']);
    await notSigned.process.ledger.release('a', { report: report(), answered: false });
    expect(await notSigned.counted()).toEqual([0n, 0n, 0n]);
  });

  it('and that never arrived is forgotten', async () => {
    await notPlaced.process.recovery.recover();
    expect(await notPlaced.states()).toEqual([]);
  });
});
