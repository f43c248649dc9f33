import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';

describe('payments on Solana', () => {
  const SOLANA = { BLOCKRUN_PAYMENT_NETWORK: 'solana', BLOCKRUN_PAYER: 'agentcash' };
  const SOLANA_PAYEE = 'AQqnMFBwGZEoti85aTVRy8XYpKrho7GaMDx9ZB3CEeKA';

  it('go to the host of BlockRun for them, by the public node that AgentCash uses', () => {
    const { paymentNetwork, chatUrl, solanaRpcUrl } = new Configuration(SOLANA);
    expect([paymentNetwork, chatUrl.href, solanaRpcUrl?.reveal().href]).toEqual([
      'solana',
      'https://sol.blockrun.ai/api/v1/chat/completions',
      'https://api.mainnet-beta.solana.com/',
    ]);
    expect(new Configuration({ ...SOLANA, BLOCKRUN_PAYMENT_NETWORK: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' }).paymentNetwork).toBe(
      'solana',
    );
  });

  it('keep the capitals of a payee, which stand for something', () => {
    expect(new Configuration({ ...SOLANA, BLOCKRUN_PAY_TO: SOLANA_PAYEE }).payees).toEqual([SOLANA_PAYEE]);
  });

  it('are not begun where this process is to sign', () => {
    expect(() => new Configuration({ BLOCKRUN_PAYMENT_NETWORK: 'solana' })).toThrow(/AgentCash signs: set BLOCKRUN_PAYER=agentcash/);
  });

  it.each([
    [{ ...SOLANA, BLOCKRUN_PAY_TO: `0x${'1'.repeat(40)}` }, 'Solana'],
    [{ BLOCKRUN_PAY_TO: SOLANA_PAYEE }, 'Base'],
    [{ BLOCKRUN_PAY_TO: `0x${'1'.repeat(40)},${SOLANA_PAYEE}` }, 'Base'],
  ])('and a payee of another network stop the start: %j', (variables, network) => {
    expect(() => new Configuration(variables)).toThrow(`BLOCKRUN_PAY_TO must be addresses on ${network}, the network that is paid on`);
  });

  it('need no node where Base is paid on', () => {
    expect(new Configuration({}).solanaRpcUrl).toBeUndefined();
  });
});
