import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CodedError } from '../../../src/errors/coded-error.js';
import { Secret } from '../../../src/configuration/secret.js';
import { walletKey } from '../../../src/payment/wallet-key.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const KEY = `0x${'5ec7e7'.repeat(10)}5ec7` as const;
const WALLET = JSON.stringify({ privateKey: KEY, address: '0x1' });

describe('the wallet', () => {
  let directory: TemporaryDirectory;
  let walletFile: string;

  beforeEach(() => {
    directory = new TemporaryDirectory();
    walletFile = directory.file('wallet.json');
  });
  afterEach(() => directory.remove());

  function put(text: string, mode = 0o600): void {
    writeFileSync(walletFile, text);
    chmodSync(walletFile, mode);
  }

  /** The error with which the wallet is refused; it must never show the key. */
  function refusal(): CodedError {
    try {
      walletKey({ privateKey: undefined, walletFile, isWalletCredential: false });
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      for (let fault: unknown = error; fault instanceof Error; fault = fault.cause)
        expect(`${fault.message}${fault.stack}`).not.toContain('5ec7');
      return error;
    }
    throw new Error('the wallet was not refused');
  }

  it.each([0o600, 0o400])('that is private (mode %d) gives its key', (mode) => {
    put(WALLET, mode);
    expect(walletKey({ privateKey: undefined, walletFile, isWalletCredential: false })).toBe(KEY);
  });

  it('is not looked at when the key is set', () => {
    expect(walletKey({ privateKey: new Secret(KEY), walletFile, isWalletCredential: false })).toBe(KEY);
  });

  it.each([0o400, 0o440, 0o600])('that systemd hands over (mode %d) gives its key', (mode) => {
    put(WALLET, mode);
    expect(walletKey({ privateKey: undefined, walletFile, isWalletCredential: true })).toBe(KEY);
  });

  it.each([0o444, 0o460, 0o604])('that is said to be from systemd and is open to others (mode %d) is refused', (mode) => {
    put(WALLET, mode);
    expect(() => walletKey({ privateKey: undefined, walletFile, isWalletCredential: true })).toThrow('others on this machine can read it');
  });

  it('that is a pipe is refused, and not waited for', () => {
    execFileSync('mkfifo', ['-m', '600', walletFile]);
    expect(refusal().message).toContain('it is no file');
  });

  it('that is as long as no wallet is refused', () => {
    put('x'.repeat(70_000));
    expect(refusal().message).toContain('it is longer than');
  });

  it('that is missing is told, with what to do', () => {
    const { code, message } = refusal();
    expect(code).toBe('payer_failed');
    expect(message).toContain(`The wallet ${walletFile} cannot be used: there is no such file.`);
    for (const way of ['AgentCash', 'BLOCKRUN_WALLET_FILE', 'X402_PRIVATE_KEY', 'BLOCKRUN_DRY_RUN=1']) expect(message).toContain(way);
  });

  it.each([
    [0o644, '644'],
    [0o640, '640'],
    [0o604, '604'],
    [0o620, '620'],
    [0o601, '601'],
    [0o666, '666'],
  ])('that others can use (mode %d) is refused', (mode, shown) => {
    put(WALLET, mode);
    expect(refusal().message).toContain(`others on this machine can read it (mode ${shown}): chmod 600 it`);
  });

  it('that is a symbolic link is refused', () => {
    put(WALLET);
    symlinkSync(walletFile, directory.file('link.json'));
    walletFile = directory.file('link.json');
    expect(refusal().message).toContain('it is a symbolic link');
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it : it.skip)(`that is another user's is refused${isRoot ? '' : ' (SKIPPED: only root can give a file away)'}`, () => {
    put(WALLET);
    chownSync(walletFile, 65_534, 65_534);
    expect(refusal().message).toContain('it belongs to another user');
    expect(() => walletKey({ privateKey: undefined, walletFile, isWalletCredential: true })).toThrow('it belongs to another user');
  });

  it('that is a directory is refused', () => {
    mkdirSync(walletFile, { mode: 0o700 });
    expect(refusal().code).toBe('payer_failed');
  });

  it.each<[string, string]>([
    ['is empty', ''],
    ['is the bare key', KEY],
    ['is half of a JSON', WALLET.slice(0, -20)],
    ['is a JSON with something behind it', `${WALLET} ${KEY}`],
    ['is null', 'null'],
    ['is an array', `["${KEY}"]`],
    ['has no key', JSON.stringify({ secret: KEY })],
    ['has a key without 0x', JSON.stringify({ privateKey: KEY.slice(2) })],
    ['has half of a key', JSON.stringify({ privateKey: KEY.slice(0, 40) })],
    ['has a key with something behind it', JSON.stringify({ privateKey: `${KEY}00` })],
    ['has a key that is a number', JSON.stringify({ privateKey: 5 })],
  ])('that %s is refused without showing the key', (_name, text) => {
    put(text);
    expect(refusal().message).toContain('it is not an AgentCash wallet');
  });
});
