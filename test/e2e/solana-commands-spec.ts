import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SolanaWorld, startWorld } from '../../sandbox/world.js';
import { displayUsd } from '../../src/money/micro-usd.js';
import { post } from '../support/doctor-site.js';
import { OTHER_SOLANA_PAYEE } from '../support/solana-offers.js';
import { runProgram } from '../support/run-program.js';
import { solanaEnvironment, SolanaProxy } from '../support/solana-proxy.js';
import { ProxyProcess } from './proxy-process.js';

describe('the commands, beside a proxy that pays on Solana', () => {
  let world: SolanaWorld;
  let site: SolanaProxy;

  beforeAll(async () => {
    world = await startWorld({ network: 'solana', blockMs: 50 });
    site = await SolanaProxy.start(world);
    expect((await site.proxy.chat()).status).toBe(200);
    await world.seller.idle();
    await world.solana.produceBlocks(40);
  });
  afterAll(async () => {
    await site.remove();
    await world.stop();
  });

  const run = (words: string[], environment: Record<string, string> = {}) =>
    runProgram(words, {
      directory: site.proxy.directory,
      environment: {
        ...solanaEnvironment(world, site.home),
        BLOCKRUN_CHAT_URL: world.seller.chatUrl,
        BLOCKRUN_LEDGER_FILE: 'ledger.json',
        BLOCKRUN_AUDIT_LOG: 'audit.jsonl',
        PORT: '0',
        ...environment,
      },
    });

  it('reconcile finds the payment on the chain', async () => {
    const { code, output } = await run(['reconcile']);
    const price = displayUsd((await site.proxy.budget()).spent);
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(new RegExp(`booked \\${price}, taken on the chain \\${price}, 1 payments agree`)),
    ]);
  });

  it('doctor knows the wallet, its balance, AgentCash and the payee', async () => {
    const { output } = await run(['doctor', '--json']);
    const lines = (JSON.parse(output) as { checks: { name: string; status: string; says: string }[] }).checks;
    const line = (name: string) => lines.find((check) => check.name === name);
    const { address } = world.wallet.solana;
    expect(line('wallet')).toMatchObject({ status: 'ok', says: expect.stringMatching(`^${address} \\(.*solana-wallet\\.json\\)$`) });
    expect(line('AgentCash')).toMatchObject({ status: 'ok', says: expect.stringContaining(`signing for ${address}`) });
    expect(line('balance')).toMatchObject({ status: 'ok', says: expect.stringMatching(/^\$4\.99\d* USDC on Solana; /) });
    expect(line('seller')).toMatchObject({ status: 'ok' });
    expect(line('payee')).toMatchObject({ status: 'ok', says: `${world.treasury}, as trusted` });
  });

  it('payee shows and trusts addresses of Solana with their capitals, and no others', async () => {
    expect((await run(['payee', 'list'])).output).toContain(`solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp  ${world.treasury}  since`);
    const trust = (address: string) => run(['payee', 'trust', address, '--reason', 'a test']);
    expect(await trust(`0x${'1'.repeat(40)}`)).toMatchObject({ code: 1, errors: expect.stringContaining('one on Solana') });
    expect(await trust('1'.repeat(44))).toMatchObject({ code: 1, errors: expect.stringContaining('32 bytes') });
    expect(await trust('vitalik.sol')).toMatchObject({ code: 2, errors: expect.stringContaining('base58') });
    expect((await trust(OTHER_SOLANA_PAYEE)).code).toBe(0);
    expect((await site.proxy.chat({ max_tokens: 11 })).json.error?.code).toBe('payee_refused');
    expect((await trust(world.treasury)).code).toBe(0);
    expect((await site.proxy.chat({ max_tokens: 12 })).status).toBe(200);
  });

  it('the proxy does not start where this process would have to sign, or without the wallet', async () => {
    const { code, errors } = await run(['serve'], { BLOCKRUN_PAYER: 'x402' });
    expect([code, errors]).toEqual([1, expect.stringContaining('set BLOCKRUN_PAYER=agentcash')]);
    const without = await run(['serve'], { BLOCKRUN_WALLET_FILE: `${site.proxy.directory}/.agentcash/wallet.json` });
    expect([without.code, without.errors + without.output]).toEqual([1, expect.stringContaining('solana-wallet.json cannot be used')]);
  });

  // Guards against a node that can be asked in a test, and not in a process with what the proxy loads.
  it('the proxy pays as a process of its own', async () => {
    const home = site.home.directory.path;
    const own = new ProxyProcess(home, {
      ...solanaEnvironment(world, site.home),
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      BLOCKRUN_LEDGER_FILE: `${home}/ledger.json`,
      BLOCKRUN_AUDIT_LOG: `${home}/audit.jsonl`,
    });
    const before = world.solana.transfersFrom(world.wallet.solana.address).length;
    expect((await post(await own.listening())).status).toBe(200);
    own.kill('SIGTERM');
    await own.ended();
    await world.seller.idle();
    await world.solana.produceBlocks(1);
    expect(world.solana.transfersFrom(world.wallet.solana.address)).toHaveLength(before + 1);
  });
});
