import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AcceptsEntry, Challenge } from '../../../src/payment/offer.js';
import { chooseOffer, type SpendLimits } from '../../../src/payment/spend-policy.js';
import { challenge, entry, OTHER_PAYEE, PAYEE, USDC } from '../../support/offers.js';

const LIMITS: SpendLimits = { holdMicroUsd: 50_000n, payees: [PAYEE.toLowerCase()] };
const judge = (accepts: AcceptsEntry[], limits: Partial<SpendLimits> = {}) => chooseOffer(challenge(...accepts), { ...LIMITS, ...limits });

describe('an offer that is payable', () => {
  it('is chosen as it stands, and cannot be changed any more', () => {
    const verdict = judge([entry()]);
    expect(verdict).toEqual({
      kind: 'chosen',
      offer: {
        x402Version: 2,
        network: 'eip155:8453',
        asset: USDC,
        payee: PAYEE,
        amountMicroUsd: 1000n,
        validitySeconds: 300,
        accepted: entry().raw,
        resource: { url: 'https://blockrun.ai/api/v1/chat/completions' },
      },
    });
    expect(Object.isFrozen((verdict as { offer: object }).offer)).toBe(true);
  });

  it.each<[string, Partial<AcceptsEntry>]>([
    ['the asset in lower case', { asset: USDC.toLowerCase() }],
    ['the payee in lower case', { payee: PAYEE.toLowerCase() }],
    ['the smallest amount', { amount: '1' }],
    ['an amount of exactly the hold', { amount: '50000' }],
    ['a second of validity', { maxTimeoutSeconds: 1 }],
  ])('may have %s', (_name, fields) => {
    expect(judge([entry(fields)]).kind).toBe('chosen');
  });

  it('may name any payee while none is trusted yet', () => {
    expect(judge([entry({ payee: OTHER_PAYEE })], { payees: undefined }).kind).toBe('chosen');
  });

  it.each([
    [1, 1],
    [60, 60],
    [300.9, 300],
    [600, 600],
    [601, 600],
    [86_400, 600],
    [Number.MAX_VALUE, 600],
    [Infinity, 600],
  ])('with a validity of %d seconds is signed for %d', (maxTimeoutSeconds, validitySeconds) => {
    expect(judge([entry({ maxTimeoutSeconds })])).toMatchObject({ kind: 'chosen', offer: { validitySeconds } });
  });

  it('of version 1 names the network as that version does', () => {
    const v1 = (network: string): Challenge => ({ x402Version: 1, accepts: [entry({ network })], resource: undefined });
    expect(chooseOffer(v1('base'), LIMITS)).toMatchObject({ kind: 'chosen', offer: { x402Version: 1, network: 'eip155:8453' } });
    expect(chooseOffer(v1('eip155:8453'), LIMITS)).toMatchObject({ kind: 'refused', code: 'offer_refused' });
  });
});

describe('an offer that is not payable', () => {
  it.each<[string, Partial<AcceptsEntry>]>([
    ['a foreign asset', { asset: '0x1111111111111111111111111111111111111111' }],
    ['a foreign network', { network: 'eip155:1' }],
    ['a test network', { network: 'eip155:84532' }],
    ['the network by the name of version 1', { network: 'base' }],
    ['Solana', { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' }],
    ['a scheme without a fixed price', { scheme: 'upto' }],
    ['the scheme in capitals', { scheme: 'EXACT' }],
    ['a payee that is no address', { payee: 'AQqnMFBwGZEoti85aTVRy8XYpKrho7GaMDx9ZB3CEeKA' }],
    ['a payee that is too short', { payee: '0x123' }],
    ['a payee with something behind it', { payee: `${PAYEE}\n` }],
    ['no validity', { maxTimeoutSeconds: 0 }],
    ['less than a second of validity', { maxTimeoutSeconds: 0.9 }],
    ['a validity that is no number', { maxTimeoutSeconds: NaN }],
    ...[
      '0',
      '-1',
      '+1',
      '0x3e8',
      '1e3',
      '1.0',
      '1000.5',
      '',
      ' 1',
      '1 ',
      '1\n',
      '01',
      'NaN',
      'Infinity',
      '1_000',
      '9'.repeat(19),
      '9'.repeat(400),
    ].map((amount): [string, Partial<AcceptsEntry>] => [`the amount ${JSON.stringify(amount).slice(0, 30)}`, { amount }]),
  ])('because of %s is refused', (_name, fields) => {
    expect(judge([entry(fields)])).toMatchObject({ kind: 'refused', code: 'offer_refused' });
  });

  it('because of its payee is refused by a code of its own, with both addresses and the price', () => {
    expect(judge([entry({ payee: OTHER_PAYEE })])).toEqual({
      kind: 'refused',
      code: 'payee_refused',
      message: expect.stringMatching(
        new RegExp(`${OTHER_PAYEE} for \\$0\\.001, but only ${PAYEE.toLowerCase()} is trusted; set BLOCKRUN_PAY_TO`),
      ),
    });
  });

  it('is shown without control characters and cut short', () => {
    const verdict = judge([entry({ scheme: `up\nto\u001b[31m${'x'.repeat(500)}` })]);
    const { message } = verdict as { message: string };
    expect(message).toContain('up?to?[31m');
    expect(message).toMatch(/^[\x20-\x7e]{1,600}$/);
  });

  it('is refused when there is no offer at all', () => {
    expect(judge([])).toMatchObject({ kind: 'refused', code: 'offer_refused' });
  });
});

describe('a price', () => {
  it('of one micro-USD above the hold is too dear', () => {
    expect(judge([entry({ amount: '50001' })])).toEqual({ kind: 'too-dear', priceMicroUsd: 50_001n });
  });

  it.each(['999999999999999999', '9007199254740993'])('of %s is compared exactly', (amount) => {
    expect(judge([entry({ amount })])).toEqual({ kind: 'too-dear', priceMicroUsd: BigInt(amount) });
    expect(judge([entry({ amount })], { holdMicroUsd: BigInt(amount) - 1n }).kind).toBe('too-dear');
    expect(judge([entry({ amount })], { holdMicroUsd: BigInt(amount) }).kind).toBe('chosen');
  });

  it.each([
    ['999', '1000', '20000'],
    ['20000', '999', '1000'],
    ['1000', '20000', '999'],
  ])('that is the lowest of several wins wherever it stands: %s, %s, %s', (...amounts) => {
    expect(judge(amounts.map((amount) => entry({ amount })))).toMatchObject({ kind: 'chosen', offer: { amountMicroUsd: 999n } });
  });

  it('of an offer that may not be paid does not count', () => {
    const accepts = [entry({ amount: '1', network: 'eip155:1' }), entry({ amount: '2', payee: OTHER_PAYEE }), entry({ amount: '3' })];
    expect(judge(accepts)).toMatchObject({ kind: 'chosen', offer: { amountMicroUsd: 3n, payee: PAYEE } });
  });
});

describe('whatever a seller offers', () => {
  const wild = (...likely: string[]) =>
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...likely) }, { weight: 1, arbitrary: fc.string() });
  const anyEntry = fc
    .record({
      scheme: wild('exact', 'upto'),
      network: wild('eip155:8453', 'base', 'eip155:1'),
      asset: wild(USDC, USDC.toLowerCase(), OTHER_PAYEE),
      payee: wild(PAYEE, PAYEE.toLowerCase(), OTHER_PAYEE),
      amount: fc.oneof(fc.bigInt({ min: -5n, max: 60_000n }).map(String), wild('1e3', '0x1', '1.5', '00')),
      maxTimeoutSeconds: fc.oneof(fc.integer({ min: -1, max: 1000 }), fc.double()),
    })
    .map((fields) => entry(fields));

  const properties = fc.record({
    accepts: fc.array(anyEntry, { maxLength: 6 }),
    holdMicroUsd: fc.bigInt({ min: 0n, max: 60_000n }),
    payees: fc.constantFrom(undefined, [PAYEE.toLowerCase()], [OTHER_PAYEE, PAYEE.toLowerCase()]),
  });

  it('what is chosen satisfies every rule, and is the cheapest that does', () => {
    fc.assert(
      fc.property(properties, ({ accepts, ...limits }) => {
        const verdict = chooseOffer(challenge(...accepts), limits);
        if (verdict.kind !== 'chosen') return;
        const { offer } = verdict;
        expect(offer.amountMicroUsd > 0n && offer.amountMicroUsd <= limits.holdMicroUsd).toBe(true);
        expect(offer).toMatchObject({ network: 'eip155:8453', asset: USDC });
        expect(Number.isInteger(offer.validitySeconds) && offer.validitySeconds >= 1 && offer.validitySeconds <= 600).toBe(true);
        if (limits.payees) expect(limits.payees).toContain(offer.payee.toLowerCase());
        const alone = accepts
          .map((one) => chooseOffer(challenge(one), limits))
          .flatMap((one) => (one.kind === 'chosen' ? [one.offer.amountMicroUsd] : []));
        expect(alone).toContain(offer.amountMicroUsd);
        expect(alone.every((amount) => amount >= offer.amountMicroUsd)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('the order of the offers does not change the price', () => {
    fc.assert(
      fc.property(properties, ({ accepts, ...limits }) => {
        const priceOf = (some: AcceptsEntry[]) => {
          const verdict = chooseOffer(challenge(...some), limits);
          if (verdict.kind === 'chosen') return verdict.offer.amountMicroUsd;
          return verdict.kind === 'too-dear' ? verdict.priceMicroUsd : verdict.code;
        };
        expect(priceOf(accepts.toReversed())).toBe(priceOf(accepts));
      }),
    );
  });
});
