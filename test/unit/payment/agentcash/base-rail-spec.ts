import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BaseRail } from '../../../../src/payment/agentcash/base-rail.js';
import { AgentCashHome } from '../../../support/agent-cash-home.js';
import { OTHER_PAYEE, PAYEE, TEST_PAYER } from '../../../support/offers.js';

const AUTHORIZATION = { from: TEST_PAYER, to: PAYEE, value: '1000', validAfter: '0', validBefore: '1', nonce: '0x00' };
const PAYLOAD = { signature: '0x00', authorization: AUTHORIZATION };

describe('what AgentCash sends for an offer on Base', () => {
  let home: AgentCashHome;
  const read = async (payload: unknown) => (await new BaseRail(home.configuration()).terms()).read(payload);

  beforeAll(() => {
    home = new AgentCashHome();
  });
  afterAll(() => home.remove());

  it('is an authorization with its signature', async () => {
    expect(await read(PAYLOAD)).toEqual(PAYLOAD);
  });

  it.each([
    ['a permit', { signature: '0x', permit2Authorization: {} }],
    ['nothing', null],
    ['a text', 'authorization'],
    ['a transaction', { transaction: 'AQ==' }],
    ['an authorization without a field', { signature: '0x', authorization: { ...AUTHORIZATION, nonce: undefined } }],
    ['a number for a text', { signature: '0x', authorization: { ...AUTHORIZATION, value: 1000 } }],
    ['no signature', { authorization: AUTHORIZATION }],
  ])('is nothing where it is %s', async (_name, payload) => {
    expect(await read(payload)).toBeUndefined();
  });

  it('loses fields that are not of an authorization', async () => {
    expect(await read({ ...PAYLOAD, more: 1, authorization: { ...AUTHORIZATION, asset: OTHER_PAYEE } })).toEqual(PAYLOAD);
  });
});
