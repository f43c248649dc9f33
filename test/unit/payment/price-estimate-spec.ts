import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MODELS } from '../../../sandbox/block-run/models.js';
import { priceOf } from '../../../sandbox/block-run/pricing.js';
import { expectedPrice } from '../../../src/chat/expected-price.js';
import { readChatRequest } from '../../../src/chat/chat-request.js';
import { estimatePrice, type ListPrice, type RequestSize } from '../../../src/payment/price-estimate.js';

const FLASH: ListPrice = { inputMicroUsdPerMillionTokens: 500_000n, outputMicroUsdPerMillionTokens: 3_000_000n, maxOutputTokens: 65_536 };
const SMALL: RequestSize = { bodyBytes: 200, messages: 1, maxTokens: 100, choices: 1 };

describe('what a request should cost at the most', () => {
  it('is the floor and the fee for a small one', () => {
    expect(estimatePrice(FLASH, SMALL)).toBe(2000n);
  });

  it('is nothing for a model that is listed as free', () => {
    const free = { inputMicroUsdPerMillionTokens: 0n, outputMicroUsdPerMillionTokens: 0n, maxOutputTokens: undefined };
    expect(estimatePrice(free, { ...SMALL, bodyBytes: 5_000_000 })).toBe(0n);
  });

  it.each<[string, Partial<RequestSize>, bigint]>([
    ['grows with the body', { bodyBytes: 100_000 }, 25_038n],
    ['grows with the messages', { messages: 1000 }, 9_078n],
    ['counts a tenth of the wanted tokens', { maxTokens: 20_000 }, 7_056n],
    ['counts no more tokens than the model gives', { maxTokens: 10_000_000 }, 20_718n],
    ['counts what the seller takes where none are named', { bodyBytes: 20_000, maxTokens: undefined }, 6_117n],
    ['counts every answer that is wanted', { maxTokens: 20_000, choices: 3 }, 19_056n],
    ['doubles for a very long input', { bodyBytes: 500_000 }, 241_076n],
  ])('%s', (_what, size, microUsd) => {
    expect(estimatePrice(FLASH, { ...SMALL, ...size })).toBe(microUsd);
  });

  it('is never below what a seller with these rules asks', () => {
    const size = fc.record({
      chars: fc.nat(400_000),
      messages: fc.integer({ min: 1, max: 200 }),
      maxTokens: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...MODELS), size, (model, { chars, messages, maxTokens }) => {
        const price = {
          inputMicroUsdPerMillionTokens: model.inputMicroUsdPerMillion,
          outputMicroUsdPerMillionTokens: model.outputMicroUsdPerMillion,
          maxOutputTokens: model.maxOutput,
        };
        const asked = priceOf(model, { chars, messages, maxTokens }).totalMicroUsd;
        // The seller rounds input and output up each: half a micro-USD of rounding may be between them.
        expect(estimatePrice(price, { bodyBytes: chars, messages, maxTokens, choices: 1 }) + 1n).toBeGreaterThanOrEqual(asked);
      }),
    );
  });
});

describe('the expected price of a call', () => {
  const model = { id: 'a/b', inputUsdPerMillionTokens: '0.50', outputUsdPerMillionTokens: '3.00', maxOutputTokens: 65_536 };
  const priceFor = (fields: object, of: object = model) => {
    const body = { model: 'a/b', messages: [{ role: 'user', content: 'hi' }], ...fields };
    return expectedPrice({ request: readChatRequest(body), body: Buffer.from(JSON.stringify(body)) }, { id: 'a/b', ...of });
  };

  it('takes the larger of two limits of tokens', () => {
    expect(priceFor({ max_tokens: 1, max_completion_tokens: 20_000 })).toBe(priceFor({ max_tokens: 20_000, max_completion_tokens: 1 }));
    expect(priceFor({ max_completion_tokens: 20_000 })).toBeGreaterThan(6_999n);
  });

  it.each([[{}], [{ inputUsdPerMillionTokens: '1' }], [{ outputUsdPerMillionTokens: '1' }]])(
    'is not known for a model with %j',
    (known) => {
      expect(priceFor({}, known)).toBeUndefined();
    },
  );

  it('is not known for a live search, which is charged for otherwise', () => {
    expect(priceFor({ search_parameters: { mode: 'on' } })).toBeUndefined();
  });
});
