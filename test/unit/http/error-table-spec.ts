import { HttpException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { CodedError, type ErrorCode } from '../../../src/errors/coded-error.js';
import { errorTable } from '../../../src/http/error-table.js';
import { codedErrorFrom, openAiErrorBody } from '../../../src/http/open-ai-error.js';

const codes = Object.keys(errorTable) as ErrorCode[];
/** What OpenAI's SDKs send again by themselves, unless `x-should-retry` says no. */
const invitesRepeat = (status: number) => status === 408 || status === 409 || status === 429 || status >= 500;

describe('the table of errors', () => {
  it.each(codes)('tells %s by a status that is an error', (code) => {
    expect(errorTable[code].status).toBeGreaterThanOrEqual(400);
    expect(errorTable[code].status).toBeLessThan(600);
  });

  it('tells a payment without a verdict by a status that no client repeats, whatever it makes of headers', () => {
    const { status, shouldRetry } = errorTable.payment_unresolved;
    expect(status).toBeGreaterThanOrEqual(400);
    expect(invitesRepeat(status)).toBe(false);
    expect(shouldRetry).toBe(false);
  });

  it('lets clients repeat by themselves only what costs nothing', () => {
    const repeated = codes.filter((code) => invitesRepeat(errorTable[code].status) && errorTable[code].shouldRetry !== false);
    expect(repeated.sort()).toEqual([
      'budget_in_flight',
      'concurrency_limit_reached',
      'payer_unavailable',
      'seller_rate_limited',
      'shutting_down',
      'upstream_error',
    ]);
  });

  it.each([
    'daily_limit_reached',
    'minute_limit_reached',
    'price_above_maximum',
    'price_implausible',
    'wallet_underfunded',
    'offer_refused',
    'payee_refused',
    'challenge_unreadable',
  ] as const)('tells %s without a 5xx or a 409, and asks not to repeat it', (code) => {
    expect(errorTable[code].status).toBeLessThan(500);
    expect(errorTable[code].status).not.toBe(409);
    expect(errorTable[code].shouldRetry).toBe(false);
  });

  it.each([
    ['invalid_json', 400],
    ['invalid_request', 400],
    ['request_too_large', 413],
    ['unsupported_content_type', 415],
    ['foreign_host', 403],
    ['foreign_origin', 403],
    ['invalid_token', 401],
    ['model_not_found', 404],
    ['daily_limit_reached', 429],
    ['budget_in_flight', 429],
    ['upstream_error', 502],
  ] as const)('tells %s as %d', (code, status) => {
    expect(errorTable[code].status).toBe(status);
  });
});

describe('the body of an error', () => {
  it('always has message, type, param and code', () => {
    expect(openAiErrorBody(new CodedError('daily_limit_reached', 'No more.'))).toEqual({
      error: { message: 'No more.', type: 'rate_limit_error', param: null, code: 'daily_limit_reached' },
    });
    expect(openAiErrorBody(new CodedError('invalid_request', 'Bad.', { param: 'n' })).error.param).toBe('n');
  });

  it.each([
    [new HttpException('Cannot GET /x', 404), 'not_found', 'Cannot GET /x'],
    [new HttpException('Bad path', 400), 'invalid_request', 'Bad path'],
    [new HttpException('Teapot', 418), 'internal_error', 'The proxy failed. See its log.'],
    [new Error('the secret of the house'), 'internal_error', 'The proxy failed. See its log.'],
    ['a string', 'internal_error', 'The proxy failed. See its log.'],
    [undefined, 'internal_error', 'The proxy failed. See its log.'],
  ])('of %s has a code, and tells nothing of a fault of ours', (thrown, code, message) => {
    expect(codedErrorFrom(thrown)).toMatchObject({ code, message });
  });

  it('keeps a coded error as it is', () => {
    const error = new CodedError('payee_refused', 'Not them.');
    expect(codedErrorFrom(error)).toBe(error);
  });
});
