import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { Secret } from '../../../src/configuration/secret.js';

const WORD = '5ec7e75ec7e75ec7';

describe('a secret', () => {
  const holder = { secret: new Secret(WORD), others: [new Secret({ inner: WORD })] };

  it.each<[string, () => string]>([
    ['a text', () => `${holder.secret.toString()} ${String(holder.secret)}`],
    ['JSON', () => JSON.stringify(holder)],
    ['a dump', () => inspect(holder, { depth: Infinity, showHidden: true })],
    ['its own fields', () => JSON.stringify([Object.entries(holder.secret), Object.getOwnPropertyNames(holder.secret)])],
    ['a copy', () => inspect({ ...holder.secret })],
    ['an error', () => inspect(new Error('it failed', { cause: holder }))],
  ])('does not show in %s', (_where, show) => {
    expect(show()).not.toContain('5ec7');
  });

  it('is known to who asks for it, until it is forgotten', () => {
    const secret = new Secret(WORD);
    expect([secret.reveal(), secret.reveal()]).toEqual([WORD, WORD]);
    secret.forget();
    expect(() => secret.reveal()).toThrow('forgotten here');
  });
});

describe('a dump of the configuration', () => {
  it('shows no key, no token and no password', () => {
    const configuration = new Configuration({
      X402_PRIVATE_KEY: `0x${WORD.repeat(4)}`,
      BLOCKRUN_PROXY_TOKEN: WORD,
      BLOCKRUN_LEDGER_URL: `postgres://proxy:${WORD}@127.0.0.1/blockrun`,
      BLOCKRUN_RPC_URL: `https://node.example/${WORD}`,
    });
    expect(
      `${inspect(configuration, { depth: Infinity, showHidden: true })}${JSON.stringify({ ...configuration, dailyCapMicroUsd: 0, maxPerRequestMicroUsd: 0, maxPriceFactor: 0 })}`,
    ).not.toContain('5ec7');
    expect(configuration.token?.reveal()).toBe(WORD);
  });
});
