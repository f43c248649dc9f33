import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createKeyPairSignerFromPrivateKeyBytes, getBase58Encoder } from '@solana/kit';
import { x402Client } from '@x402/core/client';
import type { SettleResponse } from '@x402/core/types';
import { toClientSvmSigner } from '@x402/svm';
import { ExactSvmScheme } from '@x402/svm/exact/client';
import { SOLANA_NETWORK, SOLANA_TREASURY, SOLANA_USDC } from '../../sandbox/solana/mainnet.js';
import { startWorld, type SolanaWorld } from '../../sandbox/world.js';
import { chatBody, decode, eventsOf, MODEL } from './buyer.js';
import { SolanaBuyer } from './solana-buyer.js';

const BLOCK_MS = 50;

describe('the sandbox world on Solana', () => {
  let world: SolanaWorld;
  let buyer: SolanaBuyer;

  beforeAll(async () => {
    world = await startWorld({ network: 'solana', blockMs: BLOCK_MS });
    buyer = new SolanaBuyer(world);
  });
  afterAll(() => world.stop());
  beforeEach(() => world.solana.fund(world.wallet.solana.address, 5_000_000n));

  const wallet = () => world.solana.balanceOf(world.wallet.solana.address);
  const treasury = () => world.solana.balanceOf(world.treasury);

  it('quotes in the shape of the Solana host', async () => {
    const asked = await buyer.send(chatBody());
    const required = decode<{ accepts: unknown }>(asked.headers.get('payment-required'));
    expect(required.accepts).toEqual([
      {
        scheme: 'exact',
        network: SOLANA_NETWORK,
        amount: '2000',
        asset: SOLANA_USDC,
        payTo: SOLANA_TREASURY,
        maxTimeoutSeconds: 300,
        extra: { feePayer: world.feePayer },
      },
    ]);
    expect(await asked.json()).toMatchObject({ paymentInfo: { network: 'solana' } });
  });

  it('answers before it has settled, with no receipt, and then moves exactly the price', async () => {
    const before = await treasury();
    const price = world.seller.price(chatBody()).totalMicroUsd;
    const required = await buyer.quote(chatBody());
    const header = await buyer.sign(required);
    world.solana.stopBlocks();
    const answer = await buyer.send(chatBody(), header);
    expect([answer.status, answer.headers.get('payment-response')]).toEqual([200, null]);
    expect(await answer.json()).toMatchObject({ object: 'chat.completion', model: MODEL });
    expect(await treasury()).toBe(before);

    world.solana.startBlocks();
    await world.seller.idle();
    expect([await wallet(), await treasury()]).toEqual([5_000_000n - price, before + price]);
    const transfer = world.solana.transfersFrom(world.wallet.solana.address).at(-1)!;
    expect(transfer).toMatchObject({ to: SOLANA_TREASURY, amountMicroUsd: price });
    expect(world.seller.settlements.at(-1)).toMatchObject({
      transaction: transfer.transaction,
      amountMicroUsd: price,
      payer: world.wallet.solana.address,
      nonce: transfer.signature,
    });
    expect(transfer.signature).not.toBe(transfer.transaction);
  });

  it('takes the money of one transaction once, whether it comes twice at once or again later', async () => {
    const before = await treasury();
    const required = await buyer.quote(chatBody());
    const header = await buyer.sign(required);
    const both = await Promise.all([buyer.send(chatBody(), header), buyer.send(chatBody(), header)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    await world.seller.idle();
    const again = await buyer.send(chatBody(), header);
    expect([again.status, await again.json()]).toMatchObject([402, { code: 'PAYMENT_INVALID' }]);
    await world.seller.idle();
    expect(await treasury()).toBe(before + BigInt(required.accepts[0]!.amount));
  });

  it('refuses a transaction whose blockhash is more than 150 blocks old, and takes nothing', async () => {
    const before = await treasury();
    const header = await buyer.sign(await buyer.quote(chatBody()));
    await world.solana.produceBlocks(155);
    const late = await buyer.send(chatBody(), header);
    expect([late.status, await late.json()]).toEqual([402, { code: 'PAYMENT_BLOCKHASH_STALE', error: 'Payment verification failed' }]);
    await world.seller.idle();
    expect(await treasury()).toBe(before);
  });

  it('refuses a wallet that is too poor', async () => {
    await world.solana.fund(world.wallet.solana.address, 1n);
    const refused = await buyer.pay(chatBody());
    expect([refused.status, await refused.json()]).toMatchObject([
      402,
      { code: 'PAYMENT_INVALID', payer: world.wallet.solana.address, debug: expect.stringMatching('simulation_failed.*"Custom":"1"') },
    ]);
  });

  it('refuses less than the price, another payee, and a signature that is not the wallet’s', async () => {
    const [cheap, dear] = await Promise.all([buyer.quote(chatBody({ max_tokens: 1 })), buyer.quote(chatBody({ max_tokens: 60_000 }))]);
    const [accepted] = dear.accepts;
    const headers = [
      await buyer.sign(cheap),
      headerOf(accepted, await buyer.transaction({ ...accepted!, amount: '1' })),
      headerOf(accepted, await buyer.transaction({ ...accepted!, payTo: world.feePayer })),
      headerOf(accepted, tampered(await buyer.transaction(accepted!))),
      headerOf(accepted, 'AAAA'),
    ];
    const before = await treasury();
    for (const header of headers) {
      const refused = await buyer.send(chatBody({ max_tokens: 60_000 }), header);
      expect([refused.status, await refused.json()]).toMatchObject([402, { error: 'Payment verification failed' }]);
    }
    await world.seller.idle();
    expect(await treasury()).toBe(before);
  });

  it('settles a stream beside it, also when its caller leaves', async () => {
    const before = await treasury();
    const body = chatBody({ stream: true, x_sandbox: { tokens: 6, pauseAfterTokens: 3 } });
    const answer = await buyer.pay(body);
    await settled(before);
    world.seller.resume();
    expect(eventsOf(await answer.text()).at(-1)).toBe('[DONE]');

    const leaving = new AbortController();
    const left = await buyer.send(body, await buyer.sign(await buyer.quote(body)), leaving.signal);
    await left.body!.getReader().read();
    leaving.abort();
    await world.seller.idle();
    expect(await treasury()).toBe(before + 2n * world.seller.price(body).totalMicroUsd);
  });

  it('settles ten payments sent at once', async () => {
    const before = await treasury();
    const answers = await Promise.all(Array.from({ length: 10 }, () => buyer.pay(chatBody())));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await world.seller.idle();
    expect(await treasury()).toBe(before + 10n * world.seller.price(chatBody()).totalMicroUsd);
  });

  it('takes what x402’s own client makes, with its memo', async () => {
    const wallet = await createKeyPairSignerFromPrivateKeyBytes(getBase58Encoder().encode(world.wallet.solana.privateKey));
    const scheme = new ExactSvmScheme(toClientSvmSigner(wallet), { rpcUrl: world.solana.rpcUrl });
    const payload = await new x402Client().register('solana:*', scheme).createPaymentPayload(await buyer.quote(chatBody()));
    const before = await treasury();
    const answer = await buyer.send(chatBody(), Buffer.from(JSON.stringify(payload)).toString('base64'));
    expect(answer.status).toBe(200);
    await world.seller.idle();
    expect(await treasury()).toBe(before + world.seller.price(chatBody()).totalMicroUsd);
  });

  it('names the transaction where it is told to wait for it', async () => {
    const answer = await buyer.pay(chatBody({ x_sandbox: { fault: 'paid-receipt' } }));
    const receipt = decode<SettleResponse>(answer.headers.get('payment-response'));
    const transfer = world.solana.transfersFrom(world.wallet.solana.address).at(-1)!;
    const payer = world.wallet.solana.address;
    expect(receipt).toEqual({ success: true, transaction: transfer.transaction, network: SOLANA_NETWORK, payer });
  });

  async function settled(before: bigint): Promise<void> {
    while ((await treasury()) === before) await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
  }
});

function headerOf(accepted: unknown, transaction: string): string {
  return Buffer.from(JSON.stringify({ x402Version: 2, accepted, payload: { transaction } })).toString('base64');
}

/** One bit of the wallet's signature, which comes after the place of the fee payer's. */
function tampered(transaction: string): string {
  const bytes = Buffer.from(transaction, 'base64');
  bytes[1 + 64 + 10]! ^= 1;
  return bytes.toString('base64');
}
