import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { Payer } from '../../src/payment/payer.js';
import { checkPayer } from '../../src/payment/payer-check.js';
import { installRealAgentCash, RealAgentCashHome } from '../support/real-agent-cash.js';
import { until } from '../support/until.js';
import { chunksOf, dataOf, ProxyUnderTest } from './proxy.js';
import { AgentCashOnBase } from '../support/agent-cash-payer.js';

const real = installRealAgentCash();
if ('missing' in real) {
  process.stderr.write(`\nSKIPPED: the tests with the real AgentCash. It could not be installed here:\n${real.missing}\n`);
}
const program = 'program' in real ? real.program : '';

(program ? describe : describe.skip)('with the real AgentCash as the signer', () => {
  let world: World;
  let home: RealAgentCashHome;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld();
    home = new RealAgentCashHome(program, world.wallet.privateKey);
    proxy = await ProxyUnderTest.start({ world, environment: home.environment });
  });
  afterAll(async () => {
    await proxy.remove();
    home.remove();
    await world.stop();
  });

  const transfers = async () => {
    await world.seller.idle();
    return (await world.chain?.transfersFrom(world.wallet.address)) ?? [];
  };
  const paidOnChain = async () => (await transfers()).reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n);

  it('it is up before the first call', () => {
    expect(home.started()).toHaveLength(1);
  });

  it('JSON is paid to the micro-dollar, with the receipt of the chain', async () => {
    const answer = await proxy.chat();
    expect(answer.status).toBe(200);
    const [transfer] = (await transfers()).slice(-1);
    expect(answer.headers.get('x-blockrun-proxy-booked-cost-usd')).toBe(formatUsd(transfer?.amountMicroUsd ?? -1n));
    expect(answer.headers.get('x-blockrun-proxy-payment-tx')).toBe(transfer?.transaction);
    expect(proxy.audit().find(({ event }) => event === 'payment_signed')).toMatchObject({ nonce: transfer?.nonce, payee: world.treasury });
  });

  it('a stream is paid and streamed', async () => {
    const answer = await proxy.chat({ stream: true, stream_options: { include_usage: true } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(dataOf(answer.text).at(-1)).toBe('[DONE]');
    expect(chunksOf(answer.text).at(-1)).toMatchObject({ choices: [], usage: expect.any(Object) });
    expect((await proxy.budget()).spent).toBe(await paidOnChain());
  });

  it('50 in a row and then 5 at once are each paid once, by one process, and the books agree with the chain', async () => {
    const before = (await transfers()).length;
    for (let call = 1; call <= 50; call += 1) expect([call, (await proxy.chat({ max_tokens: 10 })).status]).toEqual([call, 200]);
    const atOnce = await Promise.all(Array.from({ length: 5 }, (_, call) => proxy.chat({ max_tokens: 10, stream: call % 2 === 0 })));
    expect(atOnce.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const made = (await transfers()).slice(before);
    expect(made).toHaveLength(55);
    expect(new Set(made.map(({ nonce }) => nonce)).size).toBe(55);
    expect(await proxy.budget()).toMatchObject({ spent: await paidOnChain(), held: 0n, unresolved: 0n });
    expect(home.started()).toHaveLength(1);
  });

  it('a low balance is told with its numbers, and costs nothing', async () => {
    const before = [world.seller.paidSends, await proxy.budget()];
    home.haveBalance(0.0001);
    const { status, headers, json } = await proxy.chat();
    home.haveBalance(5);
    expect([status, headers.get('x-should-retry'), json.error?.code]).toEqual([429, 'false', 'wallet_underfunded']);
    expect(json.error?.message).toMatch(
      new RegExp(`^Wallet ${world.wallet.address} holds \\$0\\.0001 USDC on Base, says AgentCash, but this request costs \\$0\\.\\d+`),
    );
    expect([world.seller.paidSends, await proxy.budget()]).toEqual(before);
  });

  it.each([
    ['error', 'http'],
    ['unreachable', 'network'],
  ] as const)('its balance service (%s) is told as the reason, and costs nothing', async (balance, cause) => {
    const before = [world.seller.paidSends, await proxy.budget()];
    home.haveBalance(balance);
    const { status, json } = await proxy.chat();
    home.haveBalance(5);
    expect([status, json.error?.code]).toEqual([503, 'payer_unavailable']);
    expect(json.error?.message).toContain(`that failed (${cause}: `);
    expect([world.seller.paidSends, await proxy.budget()]).toEqual(before);
    expect((await proxy.chat()).status).toBe(200);
  });

  it('a process that is killed is there again, and no payment is lost or made twice', async () => {
    const calls = Array.from({ length: 5 }, () => proxy.chat({ max_tokens: 10 }));
    process.kill(home.started().at(-1) ?? 0, 'SIGKILL');
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    await until(async () => (await proxy.chat({ max_tokens: 10 })).status === 200, 'AgentCash to sign again');
    expect(await proxy.budget()).toMatchObject({ spent: await paidOnChain(), held: 0n, unresolved: 0n });
    expect(home.started()).toHaveLength(2);
  });

  it('a process that is started again without its wallet makes no new one', async () => {
    home.loseWallet();
    process.kill(home.started().at(-1) ?? 0, 'SIGKILL');
    await until(async () => (await proxy.chat()).json.error?.code === 'payer_failed', 'the wallet to be missed');
    const started = home.started().length;
    expect((await proxy.chat()).json.error?.message).toContain('there is no such file');
    expect(home.started()).toHaveLength(started);
    home.putWallet(world.wallet.privateKey);
    expect((await proxy.chat()).status).toBe(200);
  });

  describe('and little patience', () => {
    let payer: AgentCashOnBase;
    let impatient: ProxyUnderTest;

    beforeAll(async () => {
      payer = new AgentCashOnBase(home.configuration({ BLOCKRUN_AGENTCASH: home.program }), { callMs: 4_000, pingMs: 2_000 });
      const override = (builder: Parameters<NonNullable<Parameters<typeof ProxyUnderTest.start>[0]['override']>>[0]) =>
        builder.overrideProvider(Payer).useValue(payer);
      impatient = await ProxyUnderTest.start({ world, environment: home.environment, override });
    });
    afterAll(() => impatient.remove());

    it('a balance service that hangs costs one call its time and nothing else, and the next one works', async () => {
      const { paidSends } = world.seller;
      home.haveBalance('hang');
      const { status, json } = await impatient.chat();
      home.haveBalance(5);
      expect([status, json.error?.code]).toEqual([503, 'payer_unavailable']);
      expect(json.error?.message).toContain('it hangs, or its balance service does');
      expect(world.seller.paidSends).toBe(paidSends);
      expect((await impatient.chat()).status).toBe(200);
    });

    it('a process that is stopped is replaced, and what it signs when it goes on is not paid', async () => {
      const before = (await transfers()).length;
      const stopped = home.started().at(-1) ?? 0;
      process.kill(stopped, 'SIGSTOP');
      expect((await impatient.chat()).json.error?.code).toBe('payer_unavailable');
      try {
        process.kill(stopped, 'SIGCONT');
      } catch {
        // It was found out before.
      }
      await until(async () => (await impatient.chat()).status === 200, 'AgentCash to sign again');
      expect(await transfers()).toHaveLength(before + 1);
      expect(await impatient.budget()).toMatchObject({ held: 0n, unresolved: 0n });
    });

    it('the check of the setup has it sign a transfer of nothing, and sends that to nobody', async () => {
      const { paidSends } = world.seller;
      await checkPayer(payer, 'base');
      home.haveBalance('unreachable');
      await expect(checkPayer(payer, 'base')).rejects.toMatchObject({ code: 'payer_unavailable' });
      home.haveBalance(5);
      expect(world.seller.paidSends).toBe(paidSends);
    });
  });
});
