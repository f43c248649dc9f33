import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../src/configuration/configuration-error.js';
import { forgetSecrets, refuseOpenSettings, SECRET_VARIABLES, withCredentials } from '../../../src/configuration/credentials.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const TOKEN = 'a-token-of-sixteen-and-more';

describe('credentials', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => void (directory = new TemporaryDirectory()));
  afterEach(() => directory.remove());

  const put = (name: string, text: string, mode = 0o400) => {
    writeFileSync(directory.file(name), text);
    chmodSync(directory.file(name), mode);
  };
  const read = (variables: Record<string, unknown> = {}) => withCredentials({ ...variables, CREDENTIALS_DIRECTORY: directory.path });

  it.each(SECRET_VARIABLES)('may hold %s', (name) => {
    put(name, `${TOKEN}\n`);
    expect(read()[name]).toBe(`${TOKEN}\n`);
  });

  it('may hold the wallet, which is used where none is named', () => {
    put('wallet.json', '{}');
    expect(read()['BLOCKRUN_WALLET_FILE']).toBe(directory.file('wallet.json'));
    expect(read({ BLOCKRUN_WALLET_FILE: '/other' })['BLOCKRUN_WALLET_FILE']).toBe('/other');
  });

  it('that are not there leave the environment as it is', () => {
    const variables = { BLOCKRUN_PROXY_TOKEN: TOKEN };
    expect(read(variables)).toMatchObject(variables);
    expect(withCredentials(variables)).toBe(variables);
    expect(withCredentials({ CREDENTIALS_DIRECTORY: '' })).toEqual({ CREDENTIALS_DIRECTORY: '' });
  });

  it('are refused where the environment says the same thing otherwise', () => {
    put('BLOCKRUN_PROXY_TOKEN', TOKEN);
    expect(() => read({ BLOCKRUN_PROXY_TOKEN: 'another' })).toThrow('set in the environment and as a credential: keep one');
  });

  it.each([0o444, 0o666, 0o420, 0o604])('that others can read or change (mode %d) are refused', (mode) => {
    put('BLOCKRUN_PROXY_TOKEN', TOKEN, mode);
    expect(() => read()).toThrow(/BLOCKRUN_PROXY_TOKEN cannot be read from .*others on this machine can read it/);
  });

  it('that are links are refused, wherever they lead', () => {
    put('elsewhere', TOKEN);
    symlinkSync(directory.file('elsewhere'), directory.file('X402_PRIVATE_KEY'));
    symlinkSync('/nowhere', directory.file('BLOCKRUN_RPC_URL'));
    expect(() => read()).toThrow(ConfigurationError);
    expect(() => read()).toThrow(/X402_PRIVATE_KEY .*symbolic link[^]*BLOCKRUN_RPC_URL .*symbolic link/);
  });
});

describe('secrets in the environment', () => {
  it('are gone from it once they are read, and nothing else is', () => {
    const environment: NodeJS.ProcessEnv = {
      PATH: '/bin',
      X402_PRIVATE_KEY: 'k',
      BLOCKRUN_PROXY_TOKEN: 't',
      BLOCKRUN_LEDGER_URL: 'l',
      BLOCKRUN_RPC_URL: 'r',
    };
    forgetSecrets(environment);
    expect(environment).toEqual({ PATH: '/bin' });
  });

  it.each([
    [0o644, { X402_PRIVATE_KEY: 'k' }, true],
    [0o640, { BLOCKRUN_PROXY_TOKEN: 't' }, true],
    [0o600, { X402_PRIVATE_KEY: 'k' }, false],
    [0o644, { PORT: '8787' }, false],
  ])('in a file .env of mode %d with %j: refused is %s', (mode, text, isRefused) => {
    const directory = new TemporaryDirectory();
    writeFileSync(directory.file('.env'), '');
    chmodSync(directory.file('.env'), mode);
    const look = () => refuseOpenSettings(directory.file('.env'), text);
    if (isRefused) expect(look).toThrow(/can be read by others on this machine \(mode \d+\): chmod 600 /);
    else expect(look).not.toThrow();
    directory.remove();
    expect(look).not.toThrow();
  });
});
