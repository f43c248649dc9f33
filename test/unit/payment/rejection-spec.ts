import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { errorTextOf, readRejection } from '../../../src/payment/rejection.js';

interface Case {
  name: string;
  status: number;
  body: unknown;
  notCharged: boolean;
  walletTooLow?: boolean;
  says: RegExp;
}

const VERIFICATION = 'Payment verification failed';

/** The error answers of BlockRun that are known. */
const CASES: Case[] = [
  {
    name: 'a bad body',
    status: 400,
    body: { error: 'Invalid request body', details: [{ path: ['model'], message: 'Required' }] },
    notCharged: false,
    says: /^Invalid request body: \[\{"path":\["model"\],"message":"Required"\}\]$/,
  },
  {
    name: 'an unknown model',
    status: 400,
    body: { error: 'Unknown model: openai/gpt-9' },
    notCharged: false,
    says: /^Unknown model: openai\/gpt-9$/,
  },
  {
    name: 'a verification that failed for lack of funds',
    status: 402,
    body: {
      error: VERIFICATION,
      details:
        'Verification failed: {"invalidReason":"insufficient_funds","invalidMessage":"insufficient balance: 251 < 11463","payer":"0x1"}\n',
    },
    notCharged: true,
    walletTooLow: true,
    says: /insufficient balance: 251 < 11463/,
  },
  {
    name: 'a short word on the balance',
    status: 402,
    body: { error: VERIFICATION, details: 'Insufficient balance' },
    notCharged: true,
    walletTooLow: true,
    says: /Insufficient balance$/,
  },
  {
    name: 'an expired authorization',
    status: 402,
    body: { error: VERIFICATION, details: 'Authorization expired' },
    notCharged: true,
    says: /Authorization expired$/,
  },
  {
    name: 'an invalid signature',
    status: 402,
    body: { error: VERIFICATION, details: 'Invalid signature' },
    notCharged: true,
    says: /Invalid signature$/,
  },
  {
    name: 'a verification that failed with a code',
    status: 402,
    body: { error: VERIFICATION, code: 'PAYMENT_INVALID', debug: 'transaction_simulation_failed', payer: '0x1' },
    notCharged: true,
    says: /^Payment verification failed: PAYMENT_INVALID: transaction_simulation_failed$/,
  },
  {
    name: 'a stale blockhash',
    status: 402,
    body: { code: 'PAYMENT_BLOCKHASH_STALE', error: VERIFICATION },
    notCharged: true,
    says: /PAYMENT_BLOCKHASH_STALE/,
  },
  {
    name: 'a settlement that failed',
    status: 402,
    body: { error: 'Settlement failed', details: 'unable to estimate gas' },
    notCharged: false,
    says: /^Settlement failed: unable to estimate gas$/,
  },
  {
    name: 'a settlement that failed, in other words',
    status: 502,
    body: { error: 'Payment settlement failed' },
    notCharged: false,
    says: /^Payment settlement failed$/,
  },
  {
    name: 'a settlement that failed by its code',
    status: 402,
    body: { code: 'SETTLEMENT_FAILED', reason: 'expired_signature' },
    notCharged: false,
    says: /^SETTLEMENT_FAILED$/,
  },
  {
    name: 'a content policy',
    status: 403,
    body: { error: 'Content policy violation' },
    notCharged: false,
    says: /^Content policy violation$/,
  },
  {
    name: 'a rate limit of the provider',
    status: 429,
    body: { error: 'Rate limited', code: 'RATE_LIMITED', source: 'openai', retry_after_seconds: 60, details: 'slow down' },
    notCharged: false,
    says: /^Rate limited: RATE_LIMITED: slow down$/,
  },
  { name: 'an internal error', status: 500, body: { error: 'Internal server error' }, notCharged: false, says: /^Internal server error$/ },
  {
    name: 'a gateway that says it took nothing',
    status: 504,
    body: { error: 'Upstream timeout', message: 'No payment was taken.' },
    notCharged: true,
    says: /No payment was taken\.$/,
  },
  {
    name: 'an error in the form of OpenAI',
    status: 500,
    body: { error: { message: 'overloaded', code: 'server_error' } },
    notCharged: false,
    says: /^overloaded: server_error$/,
  },
  {
    name: 'a page of the edge',
    status: 524,
    body: '<html><head><title>524</title></head><body>A timeout occurred</body></html>',
    notCharged: false,
    says: /^524 A timeout occurred$/,
  },
  { name: 'nothing', status: 502, body: '', notCharged: false, says: /^status 502 without a text$/ },
  { name: 'an empty object', status: 502, body: {}, notCharged: false, says: /^status 502 without a text$/ },
  { name: 'an array', status: 500, body: ['x'], notCharged: false, says: /^status 500 without a text$/ },
  { name: 'a half of a JSON', status: 500, body: '{"error":"Internal', notCharged: false, says: /^\{"error":"Internal$/ },
];

const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
const read = (status: number, body: unknown, retryAfter?: string) => readRejection(status, text(body), retryAfter);

describe('an error of the seller', () => {
  it.each(CASES)('that is $name is understood', ({ status, body, notCharged, walletTooLow = false, says }) => {
    expect(read(status, body)).toEqual({
      status,
      notCharged,
      walletTooLow,
      retryAfterSeconds: undefined,
      message: expect.stringMatching(says),
    });
  });

  it.each([
    'no payment was made',
    'No payment was taken',
    'no payment taken',
    'No charge was made',
    'Nothing was charged',
    'You were not charged.',
  ])('that says "%s" took nothing, whatever its status', (phrase) => {
    for (const status of [402, 429, 500, 503]) expect(read(status, { error: `Failed. ${phrase}` }).notCharged).toBe(true);
  });

  it.each(['you were charged', 'payment was taken', 'payment made', 'no paymentmade', 'discharged'])(
    'that says "%s" says nothing of the sort',
    (phrase) => {
      expect(read(500, { error: phrase }).notCharged).toBe(false);
    },
  );

  it.each([
    'authorization already used',
    'invalid_exact_evm_nonce_already_used',
    'payment has already been settled',
    'duplicate payment',
    'used nonce',
  ])('that says "%s" may have been paid, whatever else it says', (words) => {
    expect(read(402, { error: VERIFICATION, details: words }).notCharged).toBe(false);
    expect(read(402, { error: `No charge was made: ${words}` }).notCharged).toBe(false);
  });

  it('that speaks of a failed verification under another status than 402 is not believed', () => {
    expect(read(500, { error: VERIFICATION, details: 'Insufficient balance' })).toMatchObject({ notCharged: false, walletTooLow: false });
  });

  it('is one short printable line, whatever it was', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(anything, (body) => {
        expect(read(500, body).message).toMatch(/^[\x20-\x7e]{1,300}…?$/);
      }),
    );
  });

  it('is cut where it is long', () => {
    expect(read(500, { error: 'x'.repeat(5000) }).message).toBe(`${'x'.repeat(300)}…`);
  });
});

describe('when the seller wants to be asked again', () => {
  it.each([
    ['0', 0],
    ['60', 60],
    ['86400', 86_400],
  ])('%s seconds are kept', (header, seconds) => {
    expect(read(429, {}, header).retryAfterSeconds).toBe(seconds);
  });

  it.each([undefined, 'Wed, 21 Oct 2026 07:28:00 GMT', '-1', '1.5', '864000', 'NaN', 'soon'])('%s is not passed on', (header) => {
    expect(read(429, {}, header).retryAfterSeconds).toBeUndefined();
  });

  // Guards against Number(''), which is 0 and would tell clients to ask again at once.
  it.each(['', ' ', '0x10', '1e2'])('%j is no number of seconds', (header) => {
    expect(read(429, {}, header).retryAfterSeconds).toBeUndefined();
  });
});

describe('an error inside of an answer', () => {
  it.each<[unknown, string]>([
    [{ error: 'overloaded' }, 'overloaded'],
    [{ error: { message: 'overloaded', type: 'x' } }, 'overloaded'],
    [{ error: { message: 'overloaded', code: 'E1' }, choices: [] }, 'overloaded: E1'],
  ])('%j is found', (answer, words) => {
    expect(errorTextOf(answer)).toBe(words);
  });

  it.each([{}, { error: null }, { error: '' }, { error: false }, null, 'error', 5, { errors: [] }, { choices: [{ error: 'x' }] }])(
    '%j is none',
    (answer) => {
      expect(errorTextOf(answer)).toBeUndefined();
    },
  );
});
