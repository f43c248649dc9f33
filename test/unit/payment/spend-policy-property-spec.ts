import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BASE_USDC } from '../../../src/money/usdc.js';
import type { AcceptsEntry } from '../../../src/payment/offer.js';
import { chooseOffer } from '../../../src/payment/spend-policy.js';
import { challenge, entry, OTHER_PAYEE, PAYEE, RESOURCE, USDC } from '../../support/offers.js';

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
      resourceUrl: fc.oneof(wild(RESOURCE, 'https://evil.example/'), fc.constant(undefined)),
    })
    .map((fields) => entry(fields));

  const properties = fc.record({
    accepts: fc.array(anyEntry, { maxLength: 6 }),
    token: fc.constant(BASE_USDC),
    payer: fc.constant(undefined),
    holdMicroUsd: fc.bigInt({ min: 0n, max: 60_000n }),
    payees: fc.constantFrom(undefined, [PAYEE.toLowerCase()], [OTHER_PAYEE, PAYEE.toLowerCase()]),
    resource: fc.constant(RESOURCE),
    plausible: fc.option(fc.record({ estimateMicroUsd: fc.bigInt({ min: 0n, max: 10_000n }), factor: fc.bigInt({ min: 1n, max: 10n }) }), {
      nil: undefined,
    }),
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
        if (limits.plausible) expect(offer.amountMicroUsd <= limits.plausible.estimateMicroUsd * limits.plausible.factor).toBe(true);
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
