import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CodedError } from '../../../src/errors/coded-error.js';
import { readChallenge } from '../../../src/payment/challenge.js';
import { headerOf, PAYEE, RESOURCE, USDC, wireChallenge, wireEntry } from '../../support/offers.js';

const V1_ENTRY = {
  scheme: 'exact',
  network: 'base',
  maxAmountRequired: '1500',
  resource: 'https://blockrun.ai/api/v1/chat/completions',
  description: 'chat',
  mimeType: 'application/json',
  payTo: PAYEE,
  maxTimeoutSeconds: 60,
  asset: USDC,
  extra: { name: 'USD Coin', version: '2' },
};

const unreadable = expect.objectContaining({ code: 'challenge_unreadable', message: expect.stringContaining('Nothing was paid') });
const amountsOf = (header: string | undefined, body: string) => readChallenge(header, body).accepts.map(({ amount }) => amount);

describe('a challenge', () => {
  it('is read from the header', () => {
    expect(readChallenge(headerOf(wireChallenge()), '')).toEqual({
      x402Version: 2,
      resource: wireChallenge()['resource'],
      accepts: [
        {
          scheme: 'exact',
          network: 'eip155:8453',
          asset: USDC,
          payee: PAYEE,
          amount: '1000',
          maxTimeoutSeconds: 300,
          resourceUrl: RESOURCE,
          raw: wireEntry(),
        },
      ],
    });
  });

  it('of the header is believed before the one of the body', () => {
    const body = JSON.stringify(wireChallenge({ accepts: [wireEntry({ amount: '1' })] }));
    expect(amountsOf(headerOf(wireChallenge()), body)).toEqual(['1000']);
  });

  it('is not taken from the price that the body shows to people', () => {
    const body = JSON.stringify({ error: 'Payment Required', price: { amount: '0.000500', currency: 'USD' } });
    expect(amountsOf(headerOf(wireChallenge()), body)).toEqual(['1000']);
    expect(() => readChallenge(undefined, body)).toThrow(unreadable);
  });

  it.each([undefined, '', 'not base64!', headerOf('not json'), headerOf({ x402Version: 2, accepts: [] }), headerOf([]), headerOf('null')])(
    'is read from the body when the header is %j',
    (header) => {
      expect(amountsOf(header, JSON.stringify(wireChallenge()))).toEqual(['1000']);
    },
  );

  it('of version 1 is read into the same form', () => {
    expect(
      readChallenge(undefined, JSON.stringify({ x402Version: 1, error: 'X-PAYMENT header is required', accepts: [V1_ENTRY] })),
    ).toEqual({
      x402Version: 1,
      resource: undefined,
      accepts: [
        {
          scheme: 'exact',
          network: 'base',
          asset: USDC,
          payee: PAYEE,
          amount: '1500',
          maxTimeoutSeconds: 60,
          resourceUrl: RESOURCE,
          raw: V1_ENTRY,
        },
      ],
    });
  });

  it('keeps an entry as the seller sent it, unknown fields too', () => {
    const sent = wireEntry({ extra: { name: 'USD Coin', version: '2', more: [1] }, note: 'unknown' });
    expect(readChallenge(headerOf(wireChallenge({ accepts: [sent] })), '').accepts[0]?.raw).toEqual(sent);
  });

  it('can be changed by nobody once it is read, not even deep inside', () => {
    const { accepts, resource } = readChallenge(headerOf(wireChallenge()), '');
    const raw = accepts[0]?.raw as { amount: string; extra: { name: string } };
    expect(() => (raw.amount = '9')).toThrow(TypeError);
    expect(() => (raw.extra.name = 'EURC')).toThrow(TypeError);
    expect(() => ((resource as { url: string }).url = 'x')).toThrow(TypeError);
  });

  it.each([
    ['nested too deeply', { extra: { lists: 15 } }],
    ['nested as deeply as a text can', { extra: { lists: 9000 } }],
    ['too long to be sent back', { note: 'x'.repeat(8192) }],
  ])('passes over an entry that is %s', (_name, fields) => {
    const { resource } = wireChallenge();
    const entries = [entryText({ ...wireEntry(), amount: '1', ...fields }), JSON.stringify(wireEntry({ amount: '7' }))];
    const text = `{"x402Version":2,"accepts":[${entries.join()}],"resource":${JSON.stringify(resource)}}`;
    expect(amountsOf(undefined, text)).toEqual(['7']);
  });

  it('with more offers than anybody needs is unreadable', () => {
    const accepts = Array.from({ length: 65 }, () => wireEntry());
    expect(() => readChallenge(headerOf(wireChallenge({ accepts })), '')).toThrow(unreadable);
  });

  it.each([undefined, null, 7, 'https://blockrun.ai/api/v1/chat/completions', [], {}, { url: 7 }])(
    'whose resource is %j names nothing that is sold',
    (resource) => {
      expect(readChallenge(headerOf(wireChallenge({ resource })), '').accepts[0]?.resourceUrl).toBeUndefined();
    },
  );

  it('passes over entries that cannot be read', () => {
    const accepts = [null, 5, {}, wireEntry({ amount: 7 }), wireEntry({ payTo: undefined }), wireEntry({ amount: '7' })];
    expect(amountsOf(headerOf(wireChallenge({ accepts })), '')).toEqual(['7']);
  });
});

const GARBAGE: [name: string, value: unknown][] = [
  ['no JSON', '<html>Payment Required</html>'],
  ['half of a JSON', '{"x402Version":2,"accepts":['],
  ['null', 'null'],
  ['a number', '402'],
  ['an array', '[]'],
  ['a string', '"pay me"'],
  ['an empty object', '{}'],
  ['no version', wireChallenge({ x402Version: undefined })],
  ['a version of the future', wireChallenge({ x402Version: 3 })],
  ['a version as text', wireChallenge({ x402Version: '2' })],
  ['no offers', wireChallenge({ accepts: undefined })],
  ['an empty list of offers', wireChallenge({ accepts: [] })],
  ['offers that are no list', wireChallenge({ accepts: { 0: wireEntry(), length: 1 } })],
  ['offers that are nothing', wireChallenge({ accepts: [null, 1, 'exact', [], {}] })],
  ['an amount that is a number', wireChallenge({ accepts: [wireEntry({ amount: 1000 })] })],
  ['an amount under the name of version 1', wireChallenge({ accepts: [wireEntry({ amount: undefined, maxAmountRequired: '1000' })] })],
  ['no validity', wireChallenge({ accepts: [wireEntry({ maxTimeoutSeconds: undefined })] })],
  ['a validity as text', wireChallenge({ accepts: [wireEntry({ maxTimeoutSeconds: '300' })] })],
  ['a negative validity', wireChallenge({ accepts: [wireEntry({ maxTimeoutSeconds: -1 })] })],
  ['no payee', wireChallenge({ accepts: [wireEntry({ payTo: '' })] })],
];

describe('an answer that is no challenge', () => {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

  it.each(GARBAGE)('because it is %s is unreadable, in the header and in the body', (_name, value) => {
    expect(() => readChallenge(headerOf(value), '')).toThrow(unreadable);
    expect(() => readChallenge(undefined, text(value))).toThrow(unreadable);
    expect(() => readChallenge(headerOf(value), text(value))).toThrow(unreadable);
  });

  it('is unreadable whatever its bytes are, and never another fault', () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.base64String());
    fc.assert(
      fc.property(fc.option(fc.oneof(anyText, anyText.map(headerOf)), { nil: undefined }), anyText, (header, body) => {
        expect(() => readChallenge(header, body)).toThrow(CodedError);
        expect(() => readChallenge(header, body)).toThrow(unreadable);
      }),
    );
  });

  it('is unreadable or read, never another fault, when fields of a real one are anything', () => {
    const fields = fc.record({
      amount: fc.anything(),
      payTo: fc.anything(),
      maxTimeoutSeconds: fc.anything(),
      network: fc.anything(),
      extra: fc.json(),
    });
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 4 }), (entries) => {
        const body = JSON.stringify({ x402Version: 2, accepts: entries.map((some) => ({ ...wireEntry(), ...jsonSafe(some) })) });
        try {
          expect(readChallenge(undefined, body).accepts.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toEqual(unreadable);
        }
      }),
    );
  });
});

/** What of a value JSON can carry. */
function jsonSafe(value: unknown): object {
  try {
    return JSON.parse(JSON.stringify(value) ?? '{}') as object;
  } catch {
    return {};
  }
}

/** JSON of an entry; `extra: { lists: 9 }` stands for so many lists, one in another, which may be more than `JSON.stringify` bears. */
function entryText({ extra, ...rest }: Record<string, unknown>): string {
  const { lists } = extra as { lists?: number };
  const text = lists === undefined ? JSON.stringify(extra) : `{"deep":${'['.repeat(lists)}${']'.repeat(lists)}}`;
  return `${JSON.stringify(rest).slice(0, -1)},"extra":${text}}`;
}
