import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SettleResponse } from '@x402/core/types';
import type { Address, Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { TRANSFER_WITH_AUTHORIZATION, USDC_DOMAIN } from '../../sandbox/base.js';
import { BlockRunStandIn } from '../../sandbox/block-run-stand-in.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { Buyer, chatBody, decode, eventsOf, MODEL } from './buyer.js';

describe('the sandbox world with its chain', () => {
  let world: World;
  let buyer: Buyer;

  beforeAll(async () => {
    world = await startWorld();
    buyer = new Buyer(world);
  });
  afterAll(() => world.stop());
  beforeEach(() => world.chain!.fund(world.wallet.address, 5_000_000n));

  async function balances() {
    const [wallet, treasury] = await Promise.all([world.chain!.balanceOf(world.wallet.address), world.chain!.balanceOf(world.treasury)]);
    return { wallet, treasury };
  }

  it('settles a payment exactly, and receipt, log and balances say the same', async () => {
    const before = await balances();
    const price = world.seller.price(chatBody()).totalMicroUsd;
    const answer = await buyer.pay(chatBody());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ object: 'chat.completion', model: MODEL, choices: [{ finish_reason: 'stop' }] });

    const receipt = decode<SettleResponse>(answer.headers.get('payment-response'));
    const transfer = (await world.chain!.transfersFrom(world.wallet.address)).at(-1)!;
    expect(receipt).toEqual({ success: true, transaction: transfer.transaction, network: 'eip155:8453', payer: world.wallet.address });
    expect(transfer).toMatchObject({ to: world.treasury, amountMicroUsd: price });
    expect(await world.chain!.isAuthorizationUsed(world.wallet.address, transfer.nonce)).toBe(true);
    expect(await balances()).toEqual({ wallet: before.wallet - price, treasury: before.treasury + price });
    expect(world.seller.settlements.at(-1)).toMatchObject({ ...receiptFields(transfer), streamed: false, model: MODEL });
  });

  it('takes an authorization that became valid ten minutes ago, as other payers sign it', async () => {
    const account = privateKeyToAccount(world.wallet.privateKey);
    const signature = await buyer.sign(await buyer.quote(chatBody()), async (payload) => {
      const signed = payload.payload['authorization'] as { from: Address; to: Address; value: string; validBefore: string; nonce: Hex };
      const authorization = { ...signed, validAfter: String(Math.floor(Date.now() / 1000) - 600) };
      const message = {
        ...authorization,
        value: BigInt(signed.value),
        validAfter: BigInt(authorization.validAfter),
        validBefore: BigInt(signed.validBefore),
      };
      const terms = { domain: USDC_DOMAIN, types: TRANSFER_WITH_AUTHORIZATION, primaryType: 'TransferWithAuthorization', message } as const;
      return { ...payload, payload: { authorization, signature: await account.signTypedData(terms) } };
    });
    expect((await buyer.send(chatBody(), signature)).status).toBe(200);
    const latest = world.seller.bodies.at(-1)!;
    expect(latest.paid).toBe(true);
    expect(latest.raw.toString()).toBe(chatBody());
  });

  it('refuses a signature that was settled before', async () => {
    const signature = await buyer.sign(await buyer.quote(chatBody()));
    expect((await buyer.send(chatBody(), signature)).status).toBe(200);
    const before = await balances();
    const replay = await buyer.send(chatBody(), signature);
    expect(replay.status).toBe(402);
    expect(replay.headers.get('payment-required')).toBeNull();
    expect(await replay.json()).toMatchObject({ error: 'Payment verification failed' });
    expect(await balances()).toEqual(before);
  });

  it('settles one authorization once when it is sent twice at the same time', async () => {
    const before = await balances();
    const required = await buyer.quote(chatBody());
    const signature = await buyer.sign(required);
    const both = await Promise.all([buyer.send(chatBody(), signature), buyer.send(chatBody(), signature)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 402]);
    expect((await balances()).treasury).toBe(before.treasury + BigInt(required.accepts[0]!.amount));
  });

  it('refuses less than the current price, with no fresh challenge', async () => {
    const cheap = await buyer.quote(chatBody({ max_tokens: 1 }));
    const underpaid = await buyer.send(chatBody({ max_tokens: 60_000 }), await buyer.sign(cheap));
    expect(underpaid.status).toBe(402);
    expect(underpaid.headers.get('payment-required')).toBeNull();

    const required = await buyer.quote(chatBody());
    const forged = await buyer.sign(required, (payload) => {
      const authorization = { ...(payload.payload['authorization'] as object), value: '1' };
      return { ...payload, payload: { ...payload.payload, authorization } };
    });
    expect((await buyer.send(chatBody(), forged)).status).toBe(402);
  });

  it('refuses a payment of a wallet that is too poor', async () => {
    await world.chain!.fund(world.wallet.address, 1n);
    const refused = await buyer.pay(chatBody());
    expect(refused.status).toBe(402);
    expect(await refused.text()).toMatch('Payment verification failed');
  });

  it('settles a stream at its end, and no receipt comes with it', async () => {
    const before = await balances();
    const body = chatBody({ stream: true, x_sandbox: { tokens: 6, pauseAfterTokens: 3 } });
    const answer = await buyer.pay(body);
    expect(answer.headers.get('content-type')).toMatch('text/event-stream');
    expect(answer.headers.get('payment-response')).toBeNull();
    expect(await balances()).toEqual(before);

    world.seller.resume();
    const events = eventsOf(await answer.text());
    expect(events.at(-1)).toBe('[DONE]');
    expect(JSON.parse(events.at(-2)!)).toMatchObject({ choices: [], usage: { completion_tokens: 6 } });
    await world.seller.idle();
    expect(before.wallet - (await balances()).wallet).toBe(world.seller.price(body).totalMicroUsd);
    expect(world.seller.settlements.at(-1)).toMatchObject({ streamed: true });
  });

  it('settles a stream also when its caller leaves', async () => {
    const before = await balances();
    const body = chatBody({ stream: true, x_sandbox: { pauseAfterTokens: 2 } });
    const leaving = new AbortController();
    const answer = await buyer.send(body, await buyer.sign(await buyer.quote(body)), leaving.signal);
    await answer.body!.getReader().read();
    leaving.abort();
    await world.seller.idle();
    expect(before.wallet - (await balances()).wallet).toBe(world.seller.price(body).totalMicroUsd);
  });

  it('settles ten payments sent at once', async () => {
    const before = await balances();
    const answers = await Promise.all(Array.from({ length: 10 }, () => buyer.pay(chatBody())));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(before.wallet - (await balances()).wallet).toBe(10n * world.seller.price(chatBody()).totalMicroUsd);
  });
});

describe('the sandbox world without a chain', () => {
  let world: World;
  let buyer: Buyer;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    buyer = new Buyer(world);
  });
  afterAll(() => world.stop());

  it('takes a good signature once, and its transaction says that nothing settled', async () => {
    const signature = await buyer.sign(await buyer.quote(chatBody()));
    const answer = await buyer.send(chatBody(), signature);
    expect(answer.status).toBe(200);
    const { transaction } = decode<SettleResponse>(answer.headers.get('payment-response'));
    expect(Buffer.from(transaction.slice(2), 'hex').toString()).toBe('sandbox, nothing settled #000001');
    expect((await buyer.send(chatBody(), signature)).status).toBe(402);
  });

  it('refuses a signature that is not the payer’s', async () => {
    const forged = await buyer.sign(await buyer.quote(chatBody()), (payload) => {
      const authorization = { ...(payload.payload['authorization'] as object), nonce: `0x${'ab'.repeat(32)}` };
      return { ...payload, payload: { ...payload.payload, authorization } };
    });
    const refused = await buyer.send(chatBody(), forged);
    expect(refused.status).toBe(402);
    expect(await refused.text()).toMatch('invalid_exact_evm_signature');
  });
});

describe('the seller without a facilitator', () => {
  it('counts a well-formed payment without looking at its signature', async () => {
    const seller = await BlockRunStandIn.start({ facilitator: 'none' });
    const world = await startWorld({ chain: 'none' });
    try {
      const buyer = new Buyer({ ...world, seller });
      expect((await buyer.pay(chatBody())).status).toBe(200);
      expect(seller).toMatchObject({ asked: 1, paidSends: 1, settlements: [{ payer: world.wallet.address }] });
    } finally {
      await Promise.all([seller.stop(), world.stop()]);
    }
  });
});

function receiptFields({ transaction, amountMicroUsd, nonce }: { transaction: string; amountMicroUsd: bigint; nonce: string }) {
  return { transaction, amountMicroUsd, nonce };
}
