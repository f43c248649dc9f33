import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { solanaWalletAddress } from '../../../../src/payment/agentcash/solana-wallet.js';
import { TEST_SEED_TEXT, testSigner } from '../../../support/solana-offers.js';
import { TemporaryDirectory } from '../../../support/temporary-directory.js';

describe("AgentCash's Solana wallet", () => {
  let directory: TemporaryDirectory;
  let file: string;
  beforeEach(() => {
    directory = new TemporaryDirectory();
    file = directory.file('solana-wallet.json');
  });
  afterEach(() => directory.remove());

  const put = (text: string, mode = 0o600) => {
    writeFileSync(file, text);
    chmodSync(file, mode);
  };

  it('is known by the address of its key, whatever address stands beside it', async () => {
    put(JSON.stringify({ privateKey: TEST_SEED_TEXT, address: 'somebody' }));
    expect(solanaWalletAddress(file)).toBe((await testSigner()).address);
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', '{}'],
    ['a key of Base', JSON.stringify({ privateKey: `0x${'1'.repeat(64)}` })],
    ['too short a key', JSON.stringify({ privateKey: '1111' })],
    ['a whole key pair', JSON.stringify({ privateKey: TEST_SEED_TEXT + TEST_SEED_TEXT })],
    ['a number', JSON.stringify({ privateKey: 7 })],
  ])('with %s is refused, and the key is not shown', (_what, text) => {
    put(text);
    expect(() => solanaWalletAddress(file)).toThrow(expect.objectContaining({ code: 'payer_failed' }));
    expect(() => solanaWalletAddress(file)).toThrow(/it is not a Solana wallet of AgentCash/);
    expect(() => solanaWalletAddress(file)).not.toThrow(TEST_SEED_TEXT);
  });

  it('that others can read, or that is not there, is refused', () => {
    put(JSON.stringify({ privateKey: TEST_SEED_TEXT }), 0o644);
    expect(() => solanaWalletAddress(file)).toThrow(/cannot be used/);
    expect(() => solanaWalletAddress(join(directory.path, 'other.json'))).toThrow(/AgentCash makes one/);
    mkdirSync(join(directory.path, 'directory'));
    expect(() => solanaWalletAddress(join(directory.path, 'directory'))).toThrow(/cannot be used/);
  });
});
