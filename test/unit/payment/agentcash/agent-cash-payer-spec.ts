import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { recoverTypedDataAddress, type Hex } from 'viem';
import { checkAuthorization } from '../../../../src/payment/authorization-check.js';
import type { SignedTransfer } from '../../../../src/payment/payer.js';
import { AgentCashHome, type Behaviour } from '../../../support/agent-cash-home.js';
import { offer, OTHER_PAYEE, PAYEE, TEST_KEY, TEST_PAYER, USDC } from '../../../support/offers.js';
import { typedDataOf } from '../../../support/typed-data.js';
import { until } from '../../../support/until.js';
import { AgentCashOnBase } from '../../../support/agent-cash-payer.js';

const OTHER_KEY = `0x${'11'.repeat(32)}` as const;

/** Nobody waits as long; it is what a call that hangs takes. */
const CALL_MS = 5_000;

Logger.overrideLogger(false);
let home: AgentCashHome;
let payer: AgentCashOnBase;

beforeAll(() => {
  home = new AgentCashHome();
  payer = new AgentCashOnBase(home.configuration(), { callMs: CALL_MS });
});
afterAll(async () => {
  await payer.onApplicationShutdown();
  home.remove();
});

/** What AgentCash does from now on. */
function start(fetch?: Behaviour['fetch']): void {
  home.forget();
  home.behave({ fetch });
}

const asSaid = (cause: string, message: string) => ({ cause, message, surface: 'fetch' });
const signerOf = ({ signature, authorization }: SignedTransfer) =>
  recoverTypedDataAddress({ ...typedDataOf(authorization), signature: signature as Hex });
const check = (signed: SignedTransfer) => checkAuthorization(signed, { offer: offer(), payer: payer.address, now: new Date() });

describe('a signature of AgentCash', () => {
  it('is one of the wallet for exactly the offer', async () => {
    start();
    const signed = await payer.authorize(offer({ amountMicroUsd: 2600n }));
    expect(signed.authorization).toMatchObject({ from: TEST_PAYER, to: PAYEE, value: '2600' });
    expect(await signerOf(signed)).toBe(TEST_PAYER);
    expect(payer.address).toBe(TEST_PAYER);
  });

  it('is asked for with one offer of what we know, and nothing of what the seller sent', async () => {
    start();
    const accepted = { scheme: 'upto', extra: { assetTransferMethod: 'permit2' }, extensions: { 'sign-in-with-x': { info: {} } } };
    await payer.authorize(offer({ accepted, resource: { url: 'https://elsewhere.example/' } }));
    expect(home.seen().flatMap(({ challenge }) => challenge ?? [])).toEqual([
      {
        x402Version: 2,
        accepts: [
          {
            scheme: 'exact',
            network: 'eip155:8453',
            amount: '1000',
            asset: USDC,
            payTo: PAYEE,
            maxTimeoutSeconds: 300,
            extra: { name: 'USD Coin', version: '2' },
          },
        ],
      },
    ]);
  });

  it('is bounded by the exact price in one protocol, on a path of its own', async () => {
    start();
    await payer.authorize(offer({ amountMicroUsd: 12_345n }));
    await payer.authorize(offer({ amountMicroUsd: 1n }));
    const orders = home.seen().flatMap(({ order }) => order ?? []);
    expect(orders).toMatchObject([{ maxAmount: 0.012345 }, { maxAmount: 0.000001 }]);
    for (const order of orders) expect(order).toMatchObject({ paymentProtocol: 'x402', paymentNetwork: 'base', method: 'GET' });
    expect(orders[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{64}$/);
    expect(orders[0]?.url).not.toBe(orders[1]?.url);
  });

  it('is another one for each of many at once, all by one process', async () => {
    start();
    const signed = await Promise.all(Array.from({ length: 20 }, () => payer.authorize(offer())));
    expect(new Set(signed.map(({ authorization }) => authorization.nonce)).size).toBe(20);
    expect(home.started()).toHaveLength(1);
  });

  it('counts where it came, whatever AgentCash says afterwards', async () => {
    start({ thenError: asSaid('http', 'Internal Server Error') });
    expect(check(await payer.authorize(offer())).amountMicroUsd).toBe(1000n);
    start('then hang');
    expect(check(await payer.authorize(offer())).amountMicroUsd).toBe(1000n);
  });

  it('is taken once: a second one on the same path goes nowhere', async () => {
    start('twice');
    await payer.authorize(offer());
    await until(() => home.answers().length === 2, 'both to be answered');
    expect(home.answers()).toEqual([200, 404]);
  });

  it('is not there where AgentCash only says that it was', async () => {
    start('nothing');
    await expect(payer.authorize(offer())).rejects.toMatchObject({
      code: 'payer_failed',
      message: expect.stringContaining('signed nothing'),
    });
  });

  it('that comes after its time is discarded, and the next one is another', async () => {
    start({ late: true });
    await expect(payer.authorize(offer())).rejects.toMatchObject({ code: 'payer_unavailable' });
    home.behave({ released: true });
    await until(() => home.answers().length === 1, 'the late signature to arrive');
    expect(home.answers()).toEqual([404]);
    expect(check(await payer.authorize(offer())).amountMicroUsd).toBe(1000n);
    expect(home.started()).toHaveLength(1);
  });
});

describe('what is not the offer', () => {
  it.each([
    ['payee', { to: OTHER_PAYEE }, 'to'],
    ['amount', { value: '1001' }, 'value'],
    ['end', { validBefore: '9999999999' }, 'validBefore'],
    ['beginning', { validAfter: '9999999998', validBefore: '9999999999' }, 'validAfter, validBefore'],
  ])('is refused by its name: another %s', async (_name, changes, fields) => {
    start({ changes });
    const signed = await payer.authorize(offer());
    expect(() => check(signed)).toThrow(
      expect.objectContaining({ code: 'payer_failed', message: expect.stringContaining(`(${fields} differ)`) }),
    );
  });

  it.each<[string, Behaviour['fetch']]>([
    ['another wallet signed', 'other key'],
    ['it is for another token', { domain: { verifyingContract: '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42' } }],
    ['it is for another chain', { domain: { chainId: 1 } }],
    ['it is for another name of the token', { domain: { name: 'EURC' } }],
    ['it says to come from another wallet', { changes: { from: OTHER_PAYEE } }],
  ])('is refused where %s', async (_name, fetch) => {
    start(fetch);
    const signing = payer.authorize(offer()).then(check);
    await expect(signing).rejects.toMatchObject({ code: 'payer_failed', message: expect.stringContaining('Nothing was paid') });
  });

  it.each<Behaviour['fetch']>(['permit', 'garbage'])('is refused where it is no authorization at all (%s)', async (fetch) => {
    start(fetch);
    await expect(payer.authorize(offer())).rejects.toMatchObject({
      code: 'payer_failed',
      message: expect.stringContaining('something else than an authorization'),
    });
  });

  it('cannot come from a second look at the price', async () => {
    start('ask again');
    await expect(payer.authorize(offer())).rejects.toMatchObject({ code: 'payer_failed' });
    expect(home.answers()).toEqual([404]);
  });
});

describe('a refusal of AgentCash', () => {
  it('for a low balance is told with both numbers, in words that clients show', async () => {
    const message = 'You are attempting to use an endpoint via x402 that costs 0.001 USDC on base.\nYour current balance is 0.0005 USDC.';
    start({ error: asSaid('insufficient_balance', message) });
    await expect(payer.authorize(offer())).rejects.toMatchObject({
      code: 'wallet_underfunded',
      message:
        `Wallet ${TEST_PAYER} holds $0.0005 USDC on Base, says AgentCash, but this request costs $0.001, so it exceeds your current quota. ` +
        'Nothing was paid. Add USDC on Base to it.',
    });
  });

  it.each(['network', 'http', 'timeout'])('for its balance service (%s) says so, and that a repeat is safe', async (cause) => {
    start({ error: asSaid(cause, 'fetch failed') });
    await expect(payer.authorize(offer())).rejects.toMatchObject({
      code: 'payer_unavailable',
      message: expect.stringContaining(
        `https://agentcash.dev/api/balance for the balance before it signs, and that failed (${cause}: fetch failed)`,
      ),
    });
  });

  it('that is none of these is told in its own words, without anything that could be a key', async () => {
    start({ error: asSaid('create_payment_payload', `no luck\nwith ${TEST_KEY}`), unasked: true });
    await expect(payer.authorize(offer())).rejects.toMatchObject({
      code: 'payer_failed',
      message: 'AgentCash refused to sign (create_payment_payload: no luck with [hidden]). Nothing was paid.',
    });
  });
});

describe('what AgentCash is given', () => {
  async function environmentWith(variables: Record<string, string>): Promise<{ environment: Record<string, string>; from: string }> {
    const own = new AgentCashHome();
    const other = new AgentCashOnBase(own.configuration(variables));
    try {
      const { authorization } = await other.authorize(offer());
      expect(authorization.from).toBe(other.address);
      return { environment: own.seen()[0]?.environment ?? {}, from: other.address };
    } finally {
      await other.onApplicationShutdown();
      own.remove();
    }
  }

  it('is no secret of ours, and no key where it has its wallet', async () => {
    const { environment, from } = await environmentWith({
      BLOCKRUN_PROXY_TOKEN: 'a-token-of-sixteen-and-more',
      BLOCKRUN_RPC_URL: 'https://rpc.example/key',
      NODE_OPTIONS: '--no-warnings',
      HTTPS_PROXY: 'http://p:1',
    });
    expect(from).toBe(TEST_PAYER);
    expect(environment).toMatchObject({ HOME: expect.stringContaining('blockrun-test-'), HTTPS_PROXY: 'http://p:1' });
    expect(Object.keys(environment).filter((name) => /BLOCKRUN|X402|NODE_OPTIONS/.test(name))).toEqual([]);
  });

  it('is the key where it was given to us in the environment', async () => {
    const { environment, from } = await environmentWith({ X402_PRIVATE_KEY: OTHER_KEY });
    expect(from).not.toBe(TEST_PAYER);
    expect(environment.X402_PRIVATE_KEY).toBe(OTHER_KEY);
  });
});
