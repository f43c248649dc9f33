import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandIn, programIn } from '../../src/payment/agentcash/agent-cash-program.js';
import { AgentCashHome, type Behaviour, FAKE_AGENT_CASH } from '../support/agent-cash-home.js';
import { OTHER_PAYEE, TEST_KEY, TEST_PAYER } from '../support/offers.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const MANIFEST = fileURLToPath(new URL('../../config/agentcash/', import.meta.url));

describe('setup agentcash', () => {
  let home: AgentCashHome;
  let prefix: string;
  beforeEach(() => {
    home = new AgentCashHome();
    prefix = home.directory.file('state/agentcash');
  });
  afterEach(() => home.remove());

  const run = (variables: Record<string, string> = {}, words: string[] = []) => {
    const env = {
      PATH: process.env.PATH,
      HOME: home.directory.path,
      BLOCKRUN_LEDGER_FILE: home.directory.file('state/ledger.json'),
      BLOCKRUN_WALLET_FILE: home.walletFile,
      ...variables,
    };
    const done = spawnSync(process.execPath, [MAIN, 'setup', 'agentcash', ...words], { cwd: home.directory.path, env, encoding: 'utf8' });
    return { code: done.status, output: done.stdout, errors: done.stderr };
  };

  /** As if the stand-in was what the setup had installed. */
  const haveInstalled = (behaviour: Behaviour = {}) => {
    home.behave(behaviour);
    const program = programIn(prefix);
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(join(prefix, 'node_modules', 'agentcash', 'package.json'), '{"type":"module"}');
    writeFileSync(program, `await import(${JSON.stringify(FAKE_AGENT_CASH)});\n`);
    copyFileSync(join(MANIFEST, 'package-lock.json'), join(prefix, 'package-lock.json'));
  };

  /** An npm that notes what it was given, and does what the lines of shell say. */
  const haveNpm = (...lines: string[]): Record<string, string> => {
    const bin = home.directory.file('bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), ['#!/bin/sh', `env > ${bin}/environment`, `echo "$@" > ${bin}/words`, ...lines, ''].join('\n'));
    chmodSync(join(bin, 'npm'), 0o755);
    return { PATH: `${bin}:${process.env.PATH}` };
  };
  const noted = (name: string) => readFileSync(home.directory.file(`bin/${name}`), 'utf8');

  it('installs with npm what the lock file names, without scripts and without a secret in reach', () => {
    const npm = haveNpm('mkdir -p node_modules/agentcash', 'echo "{}" > node_modules/agentcash/package.json');
    const { code, output, errors } = run({ ...npm, X402_PRIVATE_KEY: TEST_KEY, BLOCKRUN_PROXY_TOKEN: 'a-token-of-sixteen-and-more' }, [
      '--no-check',
    ]);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain(`Installing agentcash 0.14.4 with viem 2.47.6 and what they need (about 230 MB) into ${prefix}`);
    expect(output).toContain('Set BLOCKRUN_PAYER=agentcash');
    expect(noted('words')).toContain('ci --ignore-scripts');
    expect(noted('environment')).not.toMatch(/X402|BLOCKRUN|a-token-of/);
    expect(readdirSync(prefix).sort()).toEqual(['node_modules', 'package-lock.json', 'package.json']);
    expect(readdirSync(dirname(prefix))).toEqual(['agentcash']);
    expect(run({ ...npm }, ['--no-check']).output).toContain(`AgentCash 0.14.4 is installed in ${prefix}`);
  });

  it('replaces an install of other versions as a whole', () => {
    haveInstalled();
    writeFileSync(join(prefix, 'package-lock.json'), '{}');
    writeFileSync(join(prefix, 'of-the-old-one'), '');
    expect(run(haveNpm('mkdir node_modules'), ['--no-check']).code).toBe(0);
    expect(readdirSync(prefix).sort()).toEqual(['node_modules', 'package-lock.json', 'package.json']);
    expect(readdirSync(dirname(prefix))).toEqual(['agentcash']);
  });

  it('that fails says what npm said, and leaves what was there', () => {
    haveInstalled();
    writeFileSync(join(prefix, 'package-lock.json'), '{}');
    const { code, errors } = run(haveNpm('echo "npm error code ETARGET" >&2', 'exit 1'));
    expect([code, errors]).toEqual([1, 'npm could not install AgentCash: npm error code ETARGET. Nothing was changed.\n']);
    expect(existsSync(programIn(prefix))).toBe(true);
    expect(readdirSync(dirname(prefix))).toEqual(['agentcash']);
  });

  it('has the wallet sign a transfer of nothing to itself', () => {
    haveInstalled();
    const { code, output, errors } = run();
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain(`It signs for the wallet ${TEST_PAYER}.`);
    const [{ accepts: [offer] = [] } = {}] = home.seen().flatMap(({ challenge }) => challenge ?? []);
    expect(offer).toMatchObject({ amount: '0', payTo: TEST_PAYER, maxTimeoutSeconds: 60 });
  });

  it('tries a key that is thrown away where there is no wallet, and makes none', () => {
    haveInstalled();
    rmSync(home.walletFile);
    const { code, output, errors } = run();
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain('It signs, tried with a key that was thrown away.');
    expect(output).toContain(
      `There is no wallet at ${home.walletFile} yet. AgentCash makes one when it is first run: ${commandIn(prefix)} accounts`,
    );
    expect(existsSync(home.walletFile)).toBe(false);
  });

  it('whose check cannot reach the balance service says that it was not checked, and is no failure', () => {
    haveInstalled({ fetch: { error: { cause: 'network', message: 'fetch failed', surface: 'fetch' } } });
    const { code, output } = run();
    expect(code).toBe(0);
    expect(output).toMatch(/NOT CHECKED.*https:\/\/agentcash\.dev\/api\/balance .*fetch failed.* The install itself is whole\./);
  });

  it.each<[string, Behaviour['fetch'], string]>([
    ['signs something else', { changes: { to: OTHER_PAYEE } }, '(to differ)'],
    ['signs for another wallet', 'other key', 'was not signed by the wallet'],
    ['refuses', { error: { cause: 'create_payment_payload', message: 'no', surface: 'fetch' } }, 'AgentCash refused to sign'],
  ])('of an AgentCash that %s fails', (_name, fetch, says) => {
    haveInstalled({ fetch });
    expect(run()).toMatchObject({ code: 1, errors: expect.stringContaining(says) as unknown });
  });

  it('says that another program is used where one was named', () => {
    haveInstalled();
    const { output } = run({ BLOCKRUN_AGENTCASH: FAKE_AGENT_CASH, BLOCKRUN_PAYER: 'agentcash' });
    expect(output).toContain(`The proxy will use ${FAKE_AGENT_CASH}`);
    expect(output).not.toContain('Set BLOCKRUN_PAYER');
  });
});
