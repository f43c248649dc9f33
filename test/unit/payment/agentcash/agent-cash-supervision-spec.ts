import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AgentCashLimits } from '../../../../src/payment/agentcash/agent-cash.payer.js';
import { AgentCashHome, type Behaviour, FAKE_AGENT_CASH } from '../../../support/agent-cash-home.js';
import { offer, TEST_KEY, TEST_PAYER } from '../../../support/offers.js';
import { until } from '../../../support/until.js';
import { AgentCashOnBase } from '../../../support/agent-cash-payer.js';

Logger.overrideLogger(false);
let home: AgentCashHome;
let payer: AgentCashOnBase;

async function start(
  behaviour: Behaviour = {},
  limits: Partial<AgentCashLimits> = {},
  variables: Record<string, string> = {},
): Promise<void> {
  home = new AgentCashHome(behaviour);
  payer = new AgentCashOnBase(home.configuration(variables), limits);
  await payer.onApplicationBootstrap();
}

afterEach(async () => {
  await payer.onApplicationShutdown();
  home.remove();
});

const sign = async () => (await payer.authorize(offer())).authorization.from;
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const [first, second] = [() => home.started()[0] ?? 0, () => home.started()[1] ?? 0];

describe('one AgentCash process', () => {
  it('is up before anybody needs it, signs for all, and is gone after a stop', async () => {
    await start();
    expect(home.started()).toHaveLength(1);
    expect(await Promise.all([sign(), sign(), sign()])).toEqual([TEST_PAYER, TEST_PAYER, TEST_PAYER]);
    expect(home.started()).toHaveLength(1);
    await payer.onApplicationShutdown();
    expect(isRunning(first())).toBe(false);
    await expect(sign()).rejects.toMatchObject({ code: 'payer_unavailable' });
    expect(home.started()).toHaveLength(1);
  });

  it('that is killed between calls is there again without a call', async () => {
    await start();
    process.kill(first(), 'SIGKILL');
    await until(() => home.started().length === 2, 'another one to be started');
    expect(await sign()).toBe(TEST_PAYER);
    expect(home.started()).toHaveLength(2);
  });

  it('that dies in a call costs that call, which is told as safe to repeat, and no other', async () => {
    await start({ fetch: 'die' });
    await expect(sign()).rejects.toMatchObject({
      code: 'payer_unavailable',
      message: expect.stringContaining('ended before it had signed'),
    });
    home.behave({});
    await until(() => home.started().length === 2, 'another one to be started');
    await until(() => sign().then(Boolean, () => false), 'the next call to be signed');
  });

  it('that falls over in every call is started again with rests that grow', async () => {
    await start({ fetch: 'die' }, { firstRestMs: 60_000 });
    await expect(sign()).rejects.toMatchObject({ message: expect.stringContaining('ended before it had signed') });
    await until(() => home.started().length === 2, 'another one to be started');
    await expect(sign()).rejects.toMatchObject({ message: expect.stringContaining('ended before it had signed') });
    await until(() => !isRunning(second()), 'it to be dead');
    await expect(sign()).rejects.toMatchObject({
      code: 'payer_unavailable',
      message: expect.stringContaining('AgentCash could not be started (it ended)'),
      retryAfterSeconds: expect.any(Number),
    });
    expect(home.started()).toHaveLength(2);
  });

  it('that is stopped by a signal and does not answer is ended and replaced', async () => {
    await start({}, { callMs: 2_000, pingMs: 500 });
    process.kill(first(), 'SIGSTOP');
    await expect(sign()).rejects.toMatchObject({ code: 'payer_unavailable', message: expect.stringContaining('did not sign in time') });
    await until(() => !isRunning(first()), 'the stopped one to be ended');
    await until(() => home.started().length === 2, 'another one to be started');
    await until(() => sign().then(Boolean, () => false), 'the next call to be signed');
  });

  it('that is stopped by a signal and goes on after the time of the call signs into nothing, and works on', async () => {
    await start({}, { callMs: 2_000, pingMs: 60_000 });
    process.kill(first(), 'SIGSTOP');
    await expect(sign()).rejects.toMatchObject({ code: 'payer_unavailable' });
    process.kill(first(), 'SIGCONT');
    await until(() => home.seen().some(({ challenge }) => challenge !== undefined), 'it to ask for the price, late');
    expect(home.seen().flatMap(({ challenge }) => challenge ?? [])).toEqual([{}]);
    expect(await sign()).toBe(TEST_PAYER);
    expect(home.started()).toHaveLength(1);
  });

  it('that is stopped for a moment and goes on has lost nothing', async () => {
    await start();
    process.kill(first(), 'SIGSTOP');
    const signing = sign();
    process.kill(first(), 'SIGCONT');
    expect(await signing).toBe(TEST_PAYER);
    expect(home.started()).toHaveLength(1);
  });

  it('is replaced after so many calls by one that is already up, and ends when its own calls have ended', async () => {
    await start({}, { maxCalls: 3 });
    for (const call of [1, 2, 3]) expect([call, await sign()]).toEqual([call, TEST_PAYER]);
    // The old one is asked until the new one is up.
    const late = Promise.all([sign(), sign()]);
    await until(() => !isRunning(first()), 'the old one to be gone');
    expect(await late).toEqual([TEST_PAYER, TEST_PAYER]);
    expect(home.started()).toHaveLength(2);
    expect(await sign()).toBe(TEST_PAYER);
  });

  it('is replaced when it has grown too large', async () => {
    await start({}, { maxBytes: 1 });
    for (let call = 1; call <= 20; call += 1) await sign();
    await until(() => home.started().length === 2 && !isRunning(first()), 'a smaller one to take its place');
    expect(await sign()).toBe(TEST_PAYER);
  });
});

describe('an AgentCash that does not start', () => {
  it('is waited for within a limit, then told, and not waited for again', async () => {
    await start({ server: 'hang' }, { startMs: 1_500, firstRestMs: 60_000 });
    expect(home.started()).toHaveLength(1);
    await expect(sign()).rejects.toMatchObject({
      code: 'payer_unavailable',
      message: expect.stringMatching(/could not be started \(it was not up after 1\.5 s\)\. Nothing was signed/),
    });
    expect(home.started()).toHaveLength(1);
    await until(() => !isRunning(first()), 'it to be ended');
  });

  it('since its wallet is gone is not started, for it would make a new one', async () => {
    await start();
    rmSync(home.walletFile);
    process.kill(first(), 'SIGKILL');
    await until(
      () =>
        sign().then(
          () => false,
          ({ code }: { code: string }) => code === 'payer_failed',
        ),
      'the wallet to be missed',
    );
    await expect(sign()).rejects.toMatchObject({ code: 'payer_failed', message: expect.stringContaining('there is no such file') });
    expect(home.started()).toHaveLength(1);
    home.putWallet(`0x${'22'.repeat(32)}`);
    await expect(sign()).rejects.toMatchObject({ code: 'payer_failed', message: expect.stringContaining(`was ${TEST_PAYER} when`) });
    expect(home.started()).toHaveLength(1);
    home.putWallet(TEST_KEY);
    expect(await sign()).toBe(TEST_PAYER);
  });

  it('since it was removed says how to install it', async () => {
    // Beside the original, so that it finds what it needs.
    const program = FAKE_AGENT_CASH.replace('.mjs', `-${process.pid}.mjs`);
    copyFileSync(FAKE_AGENT_CASH, program);
    try {
      await start({}, {}, { BLOCKRUN_AGENTCASH: program });
      rmSync(program);
      process.kill(first(), 'SIGKILL');
      await until(
        () =>
          sign().then(
            () => false,
            ({ code }: { code: string }) => code === 'payer_failed',
          ),
        'it to be missed',
      );
      await expect(sign()).rejects.toMatchObject({ message: expect.stringContaining('setup agentcash') });
    } finally {
      rmSync(program, { force: true });
    }
  });

  it.each<NonNullable<Behaviour['server']>>(['none', 'other tools'])('as a server (%s) signs as a command instead', async (server) => {
    await start({ server }, { firstRestMs: 60_000 });
    expect(await Promise.all([sign(), sign()])).toEqual([TEST_PAYER, TEST_PAYER]);
    const [flags] = home.seen().flatMap((fact) => (fact.flags ? [fact.flags] : []));
    expect(flags).toEqual(['-p', 'x402', '--max-amount', '0.001000', '--timeout', '20000', '--format', 'json']);
    home.behave({ server, fetch: { error: { cause: 'insufficient_balance', message: 'Your current balance is 0.0005 USDC.' } } });
    await expect(sign()).rejects.toMatchObject({ code: 'wallet_underfunded', message: expect.stringContaining('holds $0.0005 USDC') });
    home.behave({ server, fetch: 'die' });
    await expect(sign()).rejects.toMatchObject({ code: 'payer_failed', message: expect.stringContaining('AgentCash cannot be run') });
  });

  it('as a server, and hangs as a command, is ended when its time is up', async () => {
    await start({ server: 'none', fetch: 'hang' }, { firstRestMs: 60_000, commandMs: 1_500 });
    await expect(sign()).rejects.toMatchObject({ code: 'payer_unavailable', message: expect.stringContaining('did not sign in time') });
    await until(() => home.started().every((pid) => !isRunning(pid)), 'all to be gone');
  });
});

describe('at the start of the proxy', () => {
  it('a wallet that is not there is an error, and AgentCash is not started to make one', () => {
    const own = new AgentCashHome();
    rmSync(own.walletFile);
    expect(() => new AgentCashOnBase(own.configuration())).toThrow(expect.objectContaining({ code: 'payer_failed' }));
    expect(own.started()).toEqual([]);
    own.remove();
  });

  it('a wallet that AgentCash does not look for is an error: it would make another one', () => {
    const own = new AgentCashHome();
    const elsewhere = { BLOCKRUN_WALLET_FILE: own.directory.file('wallet.json') };
    renameSync(own.walletFile, elsewhere.BLOCKRUN_WALLET_FILE);
    expect(() => new AgentCashOnBase(own.configuration(elsewhere))).toThrow(
      /only looks for \.agentcash\/wallet\.json .*BLOCKRUN_WALLET_FILE/,
    );
    expect(() => new AgentCashOnBase(own.configuration({ ...elsewhere, X402_PRIVATE_KEY: TEST_KEY }))).not.toThrow();
    own.remove();
  });

  it('an AgentCash that is not there is an error that says how to install it', () => {
    const own = new AgentCashHome();
    const nowhere = join(own.directory.path, 'nowhere');
    for (const variables of [{ BLOCKRUN_AGENTCASH: nowhere }, { BLOCKRUN_AGENTCASH: '', PATH: nowhere }] as Record<string, string>[]) {
      expect(() => new AgentCashOnBase(own.configuration(variables))).toThrow(
        expect.objectContaining({ code: 'payer_failed', message: expect.stringContaining('setup agentcash') }),
      );
    }
    own.remove();
  });
});
