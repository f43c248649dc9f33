import { describe, expect, it } from '@jest/globals';
import type { OpenHold, SellerSays } from '../../../src/ledger/ledger.js';
import type { AuthorizationUse } from '../../../src/reconciliation/chain.js';
import { resolutionOf } from '../../../src/reconciliation/verdict.js';
import { authorization } from '../../support/offers.js';

const TRANSACTION = `0x${'12'.repeat(32)}`;
const SIGNED = authorization(2600n);
const { validBefore } = SIGNED;
const RAN_OUT = new Date(Number(validBefore) * 1000).toISOString();
/** The last second at which a late block could still take the payment: two minutes after it ran out. */
const LAST_SECOND = validBefore + 120n;

function open(sellerSays?: SellerSays): OpenHold {
  return {
    hold: { id: 'a', day: '2026-06-06', state: 'unresolved', amountMicroUsd: 2600n, model: 'm' },
    owner: 'somebody',
    authorization: SIGNED,
    sellerSays,
    since: new Date('2026-06-06T15:00:00.000Z'),
  };
}

/** The instant that lies so many milliseconds after the beginning of the second. */
function at(seconds: bigint, ms = 0): Date {
  return new Date(Number(seconds) * 1000 + ms);
}

const LONG_BEFORE = at(validBefore - 86_400n);
const LONG_AFTER = at(validBefore + 86_400n);
const unused = (asOf: bigint): AuthorizationUse => ({ kind: 'unused', asOf });

describe('a payment that the chain says was taken', () => {
  it.each([
    ['before it runs out', LONG_BEFORE],
    ['long after it ran out', LONG_AFTER],
  ])('is settled with its transaction, %s', (_when, now) => {
    expect(resolutionOf(open(), { kind: 'used', transaction: TRANSACTION }, now)).toEqual({
      kind: 'settle',
      reason: 'the chain says that the authorization was used',
      transaction: TRANSACTION,
    });
  });

  it('is settled when its transaction cannot be found', () => {
    expect(resolutionOf(open(), { kind: 'used', transaction: undefined }, LONG_BEFORE)).toMatchObject({
      kind: 'settle',
      transaction: undefined,
    });
  });

  it('is settled whatever the seller said', () => {
    const use: AuthorizationUse = { kind: 'used', transaction: TRANSACTION };
    expect(resolutionOf(open('not-charged'), use, LONG_AFTER)).toMatchObject({ kind: 'settle', transaction: TRANSACTION });
  });
});

describe('a payment that the chain calls void', () => {
  it('is released at once, with the evidence of the chain', () => {
    const use: AuthorizationUse = { kind: 'void', reason: `the wallet canceled the authorization (${TRANSACTION})` };
    expect(resolutionOf(open(), use, LONG_BEFORE)).toEqual({
      kind: 'release',
      reason: `the chain says that the wallet canceled the authorization (${TRANSACTION})`,
    });
  });
});

describe('a payment that the chain says was not taken', () => {
  it.each([validBefore - 1n, validBefore, validBefore + 1n, LAST_SECOND])('waits while the chain is at %d', (asOf) => {
    expect(resolutionOf(open(), unused(asOf), LONG_AFTER)).toEqual({ kind: 'wait' });
  });

  it.each([LAST_SECOND + 1n, LAST_SECOND + 86_400n])('is released once the chain is at %d', (asOf) => {
    expect(resolutionOf(open(), unused(asOf), LONG_AFTER)).toEqual({
      kind: 'release',
      reason: `the chain says that the authorization was not used, and it ran out at ${RAN_OUT}`,
    });
  });

  it("goes by the chain's time, whatever the clock of this machine says", () => {
    expect(resolutionOf(open(), unused(LAST_SECOND), LONG_AFTER)).toEqual({ kind: 'wait' });
    expect(resolutionOf(open(), unused(LAST_SECOND + 1n), LONG_BEFORE)).toMatchObject({ kind: 'release' });
  });

  it('waits also when the seller said that it charged nothing: a seller may be wrong until it has run out', () => {
    expect(resolutionOf(open('not-charged'), unused(LAST_SECOND), LONG_AFTER)).toEqual({ kind: 'wait' });
  });
});

describe('a payment for which no chain can be asked', () => {
  it.each<[SellerSays]>([[undefined], ['not-charged']])('waits up to the last millisecond of its margin; the seller said: %s', (says) => {
    for (const now of [LONG_BEFORE, at(validBefore), at(LAST_SECOND), at(LAST_SECOND, 999)])
      expect(resolutionOf(open(says), undefined, now)).toEqual({ kind: 'wait' });
  });

  it('counts as spent once it has run out', () => {
    expect(resolutionOf(open(), undefined, at(LAST_SECOND + 1n))).toEqual({
      kind: 'settle',
      reason: 'no verdict came before the authorization ran out, and there is no chain to ask (BLOCKRUN_RPC_URL): it counts as spent',
      transaction: undefined,
    });
  });

  it('is released once it has run out when the seller said that nothing was charged', () => {
    expect(resolutionOf(open('not-charged'), undefined, at(LAST_SECOND + 1n))).toEqual({
      kind: 'release',
      reason: `the seller said that nothing was charged, and the authorization ran out at ${RAN_OUT}`,
    });
  });
});

describe('a payment that the chain can still take', () => {
  it('keeps counting, whatever the clock and the seller say', () => {
    expect(resolutionOf(open('not-charged'), { kind: 'open' }, LONG_AFTER)).toEqual({ kind: 'wait' });
  });
});

describe('a hold whose authorization is not on record', () => {
  it.each<[string, AuthorizationUse | undefined]>([
    ['used', { kind: 'used', transaction: TRANSACTION }],
    ['void', { kind: 'void', reason: 'it was canceled' }],
    ['open', { kind: 'open' }],
    ['unused', unused(LAST_SECOND + 1n)],
    ['no chain', undefined],
  ])('is never judged: %s', (_says, use) => {
    const nothing = { ...open('not-charged'), authorization: undefined };
    expect(resolutionOf(nothing, use, LONG_AFTER)).toEqual({ kind: 'wait' });
  });
});
