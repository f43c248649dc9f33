import { homedir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';

const KEY = `0x${'5a'.repeat(32)}`;

describe('AgentCash as the payer', () => {
  const BLOCKRUN_PAYER = 'agentcash';

  it('finds its wallet in the home directory, and its own install beside the ledger', () => {
    expect(new Configuration({}).payer).toBe('x402');
    const { payer, agentCash } = new Configuration({ BLOCKRUN_PAYER, BLOCKRUN_LEDGER_FILE: '/var/lib/proxy/l.json' });
    expect([payer, agentCash]).toEqual(['agentcash', expect.objectContaining({ home: homedir(), prefix: '/var/lib/proxy/agentcash' })]);
  });

  it('finds its wallet elsewhere by another home directory', () => {
    const wallet = (BLOCKRUN_WALLET_FILE: string) => ({ BLOCKRUN_PAYER, BLOCKRUN_WALLET_FILE });
    expect(new Configuration(wallet('/srv/agent/.agentcash/wallet.json')).agentCash.home).toBe('/srv/agent');
    expect(new Configuration({ ...wallet('/srv/agent/wallet.json'), X402_PRIVATE_KEY: KEY }).agentCash.home).toBe(homedir());
  });

  it('gets of the environment what it needs to run, and npm what configures it, and neither a secret', () => {
    const { agentCash } = new Configuration({
      PATH: '/usr/bin',
      HOME: '/root',
      HTTPS_PROXY: 'http://proxy:3128',
      NODE_OPTIONS: '--inspect',
      npm_config_cache: '/cache',
      AWS_SECRET_ACCESS_KEY: 'x',
      BLOCKRUN_PROXY_TOKEN: 'a-token-of-sixteen-and-more',
      X402_PRIVATE_KEY: KEY,
    });
    expect(agentCash.environment).toEqual({ PATH: '/usr/bin', HTTPS_PROXY: 'http://proxy:3128' });
    expect(agentCash.npmEnvironment).toEqual({ ...agentCash.environment, HOME: '/root', npm_config_cache: '/cache' });
  });
});
