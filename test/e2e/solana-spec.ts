import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/block-run/faults.js';
import { type SolanaWorld, startWorld } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import type { Behaviour } from '../support/agent-cash-home.js';
import { nonceOfSignature, OTHER_SOLANA_PAYEE } from '../support/solana-offers.js';
import { SolanaProxy } from '../support/solana-proxy.js';
import { chatBody, chunksOf, dataOf, type ProxyUnderTest } from './proxy.js';

/** No verdict comes with any of these, whatever their words: BlockRun settles beside the model. */
const WITHOUT_VERDICT: Fault[] = [
  'paid-429',
  'paid-403',
  'paid-500',
  'paid-500-not-charged',
  'paid-lies-not-charged',
  'paid-drop-after-settle',
  'paid-524-settled',
  'paid-stale-blockhash',
  'paid-invalid',
  'paid-settlement-failed',
  'paid-reset',
];

describe('paying on Solana', () => {
  let world: SolanaWorld;
  let site: SolanaProxy;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld({ network: 'solana', blockMs: 50 });
    site = await SolanaProxy.start(world);
    ({ proxy } = site);
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterAll(async () => {
    await site.remove();
    await world.stop();
  });

  const transfers = async () => {
    await world.seller.idle();
    await world.solana.produceBlocks(1);
    return world.solana.transfersFrom(world.wallet.solana.address);
  };
  const signedLines = () => proxy.audit().filter(({ event }) => event === 'payment_signed');

  it('JSON is paid to the micro-dollar, under the signature of the wallet', async () => {
    const before = await world.solana.balanceOf(world.wallet.solana.address);
    const answer = await proxy.chat();
    expect([answer.status, answer.headers.get('x-blockrun-proxy-booked-cost-usd')]).toEqual([200, formatUsd(price)]);
    const [transfer] = await transfers();
    expect(transfer).toMatchObject({ to: world.treasury, amountMicroUsd: price });
    expect(before - (await world.solana.balanceOf(world.wallet.solana.address))).toBe(price);
    expect(signedLines()[0]).toMatchObject({
      paymentNetwork: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
      asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
      payer: world.wallet.solana.address,
      payee: world.treasury,
      nonce: nonceOfSignature(transfer?.signature),
      lastValidBlockHeight: expect.stringMatching(/^\d+$/),
    });
    expect(await proxy.budget()).toMatchObject({ spent: price, held: 0n, unresolved: 0n, calls: 1 });
    expect(JSON.stringify(proxy.audit())).not.toContain(transfer?.signature);
  });

  it('a stream is paid and streamed', async () => {
    const before = (await transfers()).length;
    const answer = await proxy.chat({ stream: true, stream_options: { include_usage: true } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(dataOf(answer.text).at(-1)).toBe('[DONE]');
    expect(chunksOf(answer.text).at(-1)).toMatchObject({ choices: [], usage: expect.any(Object) });
    expect(await transfers()).toHaveLength(before + 1);
  });

  it('a receipt names the transaction, where the seller waits for it', async () => {
    const answer = await proxy.chat({ x_sandbox: { fault: 'paid-receipt' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-blockrun-proxy-payment-tx')).toBe((await transfers()).at(-1)?.transaction);
  });

  it('20 at once of the same price are 20 transactions, each taken once', async () => {
    const before = (await transfers()).length;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, call) => proxy.chat({ stream: call % 2 === 0 })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    const made = (await transfers()).slice(before);
    expect(made).toHaveLength(20);
    expect(new Set(made.map(({ signature }) => signature)).size).toBe(20);
    const paid = (await transfers()).reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0n);
    expect(await proxy.budget()).toMatchObject({ spent: paid, held: 0n, unresolved: 0n });
    expect(await world.solana.balanceOf(world.wallet.solana.address)).toBe(5_000_000n - paid);
  });

  it.each<Fault>([
    'quote-foreign-asset',
    'quote-foreign-network',
    'quote-other-chain',
    'quote-no-fee-payer',
    'quote-buyer-pays-fees',
    'quote-zero',
  ])('an offer that is not payable (%s) is refused unsigned', async (fault) => {
    const before = [signedLines().length, await proxy.budget()];
    const { status, json } = await proxy.chat({ x_sandbox: { fault } });
    expect([status, json.error?.code]).toEqual([429, 'offer_refused']);
    expect(json.error?.message).toContain("The seller's price is not payable in USDC on Solana");
    expect([signedLines().length, await proxy.budget()]).toEqual(before);
  });

  it('another payee than the pinned one is refused unsigned', async () => {
    const before = signedLines().length;
    const { json } = await proxy.chat({ x_sandbox: { fault: 'quote-foreign-payee' } });
    expect(json.error).toMatchObject({ code: 'payee_refused', message: expect.stringContaining(world.treasury) });
    expect(signedLines()).toHaveLength(before);
  });

  it.each<[what: string, fetch: Behaviour['fetch'], says: string]>([
    ['another amount', { changes: { amount: '1' } }, 'amount differ'],
    ['another payee', { changes: { payTo: OTHER_SOLANA_PAYEE } }, 'payee differ'],
    ['another token', { changes: { asset: 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB' } }, 'mint'],
    ['another fee payer', { changes: { feePayer: OTHER_SOLANA_PAYEE } }, 'fee payer differ'],
    ['another block', { changes: { blockhash: OTHER_SOLANA_PAYEE } }, 'blockhash differ'],
    ['another wallet', 'other key', 'was not signed by the wallet'],
    ['a permit', 'permit', 'something else than an authorization for USDC on Solana'],
    ['no payment at all', 'garbage', 'something else than an authorization for USDC on Solana'],
  ])('what AgentCash signs for %s goes nowhere', async (_what, fetch, says) => {
    const before = [world.seller.paidSends, signedLines().length, await proxy.budget()];
    site.home.behave({ fetch });
    const { status, json } = await proxy.chat();
    site.home.behave({});
    expect([status, json.error?.code]).toEqual([400, 'payer_failed']);
    expect(json.error?.message).toContain(says);
    expect([world.seller.paidSends, signedLines().length, await proxy.budget()]).toEqual(before);
  });

  it('a node that gives no answer costs nothing, and is told without its address', async () => {
    const before = [world.seller.paidSends, await proxy.budget()];
    world.solana.fail = 'error';
    const { status, json } = await proxy.chat({ max_tokens: 11 });
    world.solana.fail = undefined;
    expect([status, json.error?.code]).toEqual([503, 'payer_unavailable']);
    expect(json.error?.message).toContain('The node of BLOCKRUN_SOLANA_RPC_URL gives no answer that can be used');
    expect(json.error?.message).not.toContain('127.0.0.1');
    expect([world.seller.paidSends, await proxy.budget()]).toEqual(before);
    expect((await proxy.chat({ max_tokens: 11 })).status).toBe(200);
  });

  it.each(WITHOUT_VERDICT)('an error after the payment (%s) is one request, counts, and is not to be sent again', async (fault) => {
    const sends = world.seller.paidSends;
    const { unresolved } = await proxy.budget();
    const { status, headers, json } = await proxy.chat({ x_sandbox: { fault } });
    expect([status, headers.get('x-should-retry'), json.error?.code]).toEqual([400, 'false', 'payment_unresolved']);
    expect(world.seller.paidSends).toBe(sends + 1);
    expect((await proxy.budget()).unresolved).toBe(unresolved + price);
  });

  it('a wallet that is too poor is told as that, and counts until the chain says that it is dead', async () => {
    const { unresolved } = await proxy.budget();
    const { status, json } = await proxy.chat({ x_sandbox: { fault: 'paid-insufficient-funds' } });
    expect([status, json.error?.code]).toEqual([429, 'wallet_underfunded']);
    expect((await proxy.budget()).unresolved).toBe(unresolved + price);
  });
});
