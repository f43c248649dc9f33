import { describe, expect, it } from '@jest/globals';
import { Purchase } from '../../../src/budget/purchase.js';
import { noAnswerError, rejectionError } from '../../../src/chat/seller-error.js';
import { openAiErrorBody } from '../../../src/http/open-ai-error.js';
import { readRejection } from '../../../src/payment/rejection.js';

/** Each of these, in the text of an error, has OpenClaw 2026.9 send the request again, whatever the status. */
const REPEATED =
  /timeout|timed? out|server.?error|internal.?error|overloaded|terminated|connection|socket|other side closed|fetch failed|too many requests|service.?unavailable|ended without|retry|try again|requests per minute|\brpm\b|\b5\d\d\b/i;
/** And these have it say that the API key has run out of credits. */
const LOCKED_OUT = /insufficient|payment required|credit|billing|available balance|out of budget|spend(ing)? limit|unauthorized|forbidden/i;
/** With these it shows the text to its user, once. */
const SHOWN = /usage limit|exceeds your current quota/;

const WORDS = 'Internal server error: timed out, retry after 1 second, 60 requests per minute, insufficient balance, payment required';

/** As far as an error looks at it. */
const purchase = (state: { signed: boolean; receipt?: boolean }): Purchase =>
  Object.assign(new Purchase({ requestId: 'r', receivedAt: 0, model: 'm', streamed: true }, {} as never), {
    signed: state.signed ? { hold: { amountMicroUsd: 10_030n } } : undefined,
    receipt: state.receipt ? { transaction: '0x1', network: 'eip155:8453', payer: '0x2' } : undefined,
  });
const rejection = (status: number, error = WORDS) => readRejection(status, JSON.stringify({ error }), undefined);

describe('the error of a payment without a whole answer', () => {
  it.each([
    ['a refusal', rejectionError(rejection(500), purchase({ signed: true }))],
    ['no answer', noAnswerError(purchase({ signed: true }), { reason: 'an error inside the stream', said: WORDS })],
    ['an answer that was lost after its receipt', noAnswerError(purchase({ signed: true, receipt: true }), { reason: 'timed out' })],
  ])('for %s has no word that has a client repeat it, and keeps the words of the seller beside', (_, error) => {
    expect(error.code).toBe('payment_unresolved');
    expect(error.message).not.toMatch(REPEATED);
    expect(error.message).not.toMatch(LOCKED_OUT);
    expect(error.message).toMatch(SHOWN);
    expect(error.message.length).toBeLessThanOrEqual(300);
    const { seller_message: said, error: told } = openAiErrorBody(error);
    expect(said).toContain('timed out');
    expect(Object.keys(told)).toEqual(['message', 'type', 'param', 'code']);
  });

  it('of a wallet that is too low is shown to its user as it is', () => {
    const error = rejectionError(
      readRejection(402, '{"error":"Payment verification failed","details":"insufficient_funds"}', undefined),
      purchase({ signed: true }),
    );
    expect(error.code).toBe('wallet_underfunded');
    expect(error.message).toBe(
      'The wallet cannot cover the $0.01003 that this request costs, so it exceeds your current quota. Add USDC to it.',
    );
    expect(error.sellerMessage).toContain('insufficient_funds');
  });
});

describe('the error of a request that cost nothing', () => {
  it('quotes the seller', () => {
    expect(rejectionError(rejection(400, 'Unknown field'), purchase({ signed: false })).message).toBe(
      'The seller answered 400: Unknown field',
    );
  });

  it.each([
    'You exceeded your current quota: insufficient_quota',
    'Your credit balance is too low',
    'Incorrect API key provided',
    'Unauthorized',
    'Access denied',
  ])('does not take "%s", which is about the account of the seller, for its user’s', (words) => {
    for (const status of [400, 404, 429, 500]) {
      const error = rejectionError(rejection(status, words), purchase({ signed: false }));
      expect(error.message).not.toMatch(/quota|credit|key|unauthorized|denied/i);
      expect(error.sellerMessage).toBe(words);
    }
  });
});
