import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SolanaWorld, startWorld } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { installRealAgentCash, RealAgentCashHome } from '../support/real-agent-cash.js';
import { nonceOfSignature } from '../support/solana-offers.js';
import { solanaEnvironment } from '../support/solana-proxy.js';
import { dataOf, ProxyUnderTest } from './proxy.js';

const real = installRealAgentCash();
if ('missing' in real) {
  process.stderr.write(`\nSKIPPED: the tests with the real AgentCash on Solana. It could not be installed here:\n${real.missing}\n`);
}
const program = 'program' in real ? real.program : '';

(program ? describe : describe.skip)('with the real AgentCash as the signer on Solana', () => {
  let world: SolanaWorld;
  let home: RealAgentCashHome;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld({ network: 'solana' });
    home = new RealAgentCashHome(program, world.wallet.privateKey);
    home.putSolanaWallet(world.wallet.solana.privateKey, world.wallet.solana.address);
    home.haveSolanaNode(world.solana.rpcUrl);
    proxy = await ProxyUnderTest.start({ world, environment: solanaEnvironment(world, home, home.program) });
  });
  afterAll(async () => {
    await proxy.remove();
    home.remove();
    await world.stop();
  });

  const transfers = async () => {
    await world.seller.idle();
    await world.solana.produceBlocks(1);
    return world.solana.transfersFrom(world.wallet.solana.address);
  };

  it('JSON is paid to the micro-dollar, by the block that the proxy named', async () => {
    const answer = await proxy.chat();
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    const [transfer] = await transfers();
    expect(answer.headers.get('x-blockrun-proxy-booked-cost-usd')).toBe(formatUsd(transfer?.amountMicroUsd ?? -1n));
    expect(proxy.audit().find(({ event }) => event === 'payment_signed')).toMatchObject({
      nonce: nonceOfSignature(transfer?.signature),
      payee: world.treasury,
      payer: world.wallet.solana.address,
    });
  });

  it('a stream is paid and streamed', async () => {
    const answer = await proxy.chat({ stream: true });
    expect(dataOf(answer.text).at(-1)).toBe('[DONE]');
  });

  it('10 in a row and then 5 at once are each paid once, by one process, and the books agree with the chain', async () => {
    const before = (await transfers()).length;
    for (let call = 1; call <= 10; call += 1) expect([call, (await proxy.chat({ max_tokens: 10 })).status]).toEqual([call, 200]);
    const atOnce = await Promise.all(Array.from({ length: 5 }, (_, call) => proxy.chat({ max_tokens: 10, stream: call % 2 === 0 })));
    expect(atOnce.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const made = await transfers();
    expect(made).toHaveLength(before + 15);
    expect(new Set(made.map(({ signature }) => signature)).size).toBe(made.length);
    const paid = made.reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n);
    expect(await proxy.budget()).toMatchObject({ spent: paid, held: 0n, unresolved: 0n });
    expect(await world.solana.balanceOf(world.wallet.solana.address)).toBe(5_000_000n - paid);
    expect(home.started()).toHaveLength(1);
  });

  it('a low balance is told with its numbers, and costs nothing', async () => {
    const before = [world.seller.paidSends, await proxy.budget()];
    home.haveBalance(0.0001);
    const { status, json } = await proxy.chat();
    home.haveBalance(5);
    expect([status, json.error?.code]).toEqual([429, 'wallet_underfunded']);
    expect(json.error?.message).toContain(`Wallet ${world.wallet.solana.address} holds $0.0001 USDC on Solana, says AgentCash`);
    expect([world.seller.paidSends, await proxy.budget()]).toEqual(before);
  });

  it('its public node being gone is told, and costs nothing', async () => {
    const before = [world.seller.paidSends, await proxy.budget()];
    home.haveSolanaNode('http://127.0.0.1:9');
    const { status, json } = await proxy.chat();
    home.haveSolanaNode(world.solana.rpcUrl);
    expect([status, json.error?.code]).toEqual([503, 'payer_unavailable']);
    expect(json.error?.message).toContain("Solana's public node");
    expect([world.seller.paidSends, await proxy.budget()]).toEqual(before);
    expect((await proxy.chat()).status).toBe(200);
  });
});
