import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { ConfigurationModule } from '../../src/configuration/configuration.module.js';
import { chatBody } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

const NOBODY = 65_534;
const PROMPT = 'PROMPT-MARKER-of-the-secrets-test';
const TOKEN = 'TOKEN-MARKER-of-the-secrets-test';
/** Of the stand-in's every answer. */
const ANSWER = 'made in the sandbox by no model';
const FAULTS = [
  undefined,
  'quote-huge',
  'quote-foreign-payee',
  'quote-unreadable',
  'error-500',
  'paid-500',
  'paid-truncated-body',
  'paid-error-in-200',
  'paid-replayed',
  'paid-not-json',
];

describe('a run with everything that can go wrong', () => {
  let world: World;
  let home: string;
  let state: string;
  let proxy: ProxyProcess;
  const answers: string[] = [];

  beforeAll(async () => {
    world = await startWorld();
    home = mkdtempSync(join(tmpdir(), 'secrets-'));
    state = join(home, '.openclaw', 'blockrun-proxy');
    const credentials = join(home, 'credentials');
    mkdirSync(credentials, { mode: 0o700 });
    for (const [name, text] of Object.entries({
      'wallet.json': JSON.stringify({ privateKey: world.wallet.privateKey }),
      BLOCKRUN_PROXY_TOKEN: TOKEN,
    })) {
      writeFileSync(join(credentials, name), text);
      chmodSync(join(credentials, name), 0o440); // as systemd makes them, where it gives rights by an access list
    }
    const umask = process.umask(0); // whatever its user's is
    proxy = new ProxyProcess(home, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      BLOCKRUN_TIMEOUT_MS: '2000',
      CREDENTIALS_DIRECTORY: credentials,
    });
    process.umask(umask);
    const url = `${await proxy.listening()}/v1/chat/completions`;
    for (const fault of FAULTS) {
      for (const stream of [false, true]) {
        const body = JSON.stringify(
          chatBody({ stream, messages: [{ role: 'user', content: PROMPT }], ...(fault && { x_sandbox: { fault } }) }),
        );
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
        const answer = await fetch(url, { method: 'POST', headers, body });
        answers.push(`${JSON.stringify([...answer.headers])}${await answer.text()}`);
      }
    }
    for (const headers of [{ authorization: 'Bearer wrong' }, { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }]) {
      answers.push(await (await fetch(url, { method: 'POST', headers, body: `{"${PROMPT}` })).text());
    }
  });
  afterAll(async () => {
    proxy.kill('SIGTERM');
    await proxy.ended();
    rmSync(home, { recursive: true, force: true });
    await world.stop();
  });

  const files = () => readdirSync(state).map((name) => ({ name, text: readFileSync(join(state, name), 'latin1') }));
  const signatures = () =>
    world.seller.bodies.flatMap(({ headers }) => {
      const header = headers['payment-signature'];
      if (typeof header !== 'string') return [];
      const { payload } = JSON.parse(Buffer.from(header, 'base64').toString()) as { payload: { signature: string } };
      return [header, payload.signature.slice(2)];
    });

  it('bought something, and was refused much', () => {
    expect(answers.filter((text) => text.includes(ANSWER) || text.includes('[DONE]')).length).toBeGreaterThanOrEqual(2);
    expect(answers.filter((text) => text.includes('"error"')).length).toBeGreaterThanOrEqual(8);
    expect(signatures().length).toBeGreaterThanOrEqual(8);
  });

  it('leaves no key, signature, token, prompt or answer in any file or stream of the proxy', () => {
    const secrets = { key: world.wallet.privateKey.slice(2), token: TOKEN, prompt: PROMPT, answer: ANSWER };
    const places = [...files(), { name: 'output', text: proxy.output }, { name: 'errors', text: proxy.errors }];
    expect(places.map(({ name }) => name)).toEqual(expect.arrayContaining(['audit.jsonl', 'ledger.json', 'ledger.sqlite']));
    for (const { name, text } of places) {
      const found = Object.entries(secrets).filter(([, secret]) => text.toLowerCase().includes(secret.toLowerCase()));
      expect([name, found.map(([what]) => what)]).toEqual([name, []]);
      expect([name, signatures().filter((signature) => text.includes(signature)).length]).toEqual([name, 0]);
    }
  });

  it('shows clients no key, signature or token', () => {
    for (const text of answers) {
      for (const secret of [world.wallet.privateKey.slice(2), TOKEN, ...signatures()]) expect(text.includes(secret)).toBe(false);
    }
  });

  it('makes its directory 0700 and its files 0600, whatever the umask', () => {
    const modes = [state, ...files().map(({ name }) => join(state, name))].map((path) => [path, (statSync(path).mode & 0o777).toString(8)]);
    expect(modes.filter(([path, mode]) => mode !== (path === state ? '700' : '600'))).toEqual([]);
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it : it.skip)(
    `lets no other user read, write or list them${isRoot ? '' : ' (SKIPPED: only root can become another user)'}`,
    () => {
      chmodSync(home, 0o711); // so that only the rights of the proxy's own directory stand in the way
      const asNobody = (...words: string[]) => spawnSync(words[0] ?? '', words.slice(1), { uid: NOBODY, gid: NOBODY, encoding: 'utf8' });
      expect(asNobody('cat', '/etc/hostname').status).toBe(0);
      for (const path of [state, ...files().map(({ name }) => join(state, name))]) {
        for (const act of [
          ['cat', path],
          ['ls', path],
          ['dd', 'if=/dev/zero', `of=${path}`, 'count=1'],
          ['chmod', '777', path],
        ]) {
          const { status, stderr } = asNobody(...act);
          expect([act.join(' '), status === 0 ? 'it could' : stderr]).toEqual([
            act.join(' '),
            expect.stringMatching(/ermission denied|not permitted/),
          ]);
        }
      }
    },
  );
});

describe('a start', () => {
  it('on a directory that is open to others is refused, with what to type, and changes nothing', async () => {
    const home = mkdtempSync(join(tmpdir(), 'open-state-'));
    const state = join(home, '.openclaw', 'blockrun-proxy');
    mkdirSync(state, { recursive: true });
    chmodSync(state, 0o755);
    writeFileSync(join(state, 'ledger.json'), '{}', { mode: 0o644 });
    const proxy = new ProxyProcess(home, { BLOCKRUN_DRY_RUN: '1' });
    expect(await proxy.ended()).toBe(1);
    expect(proxy.errors).toContain(`chmod 700 ${state}`);
    expect(proxy.errors).toContain(`chmod 600 ${join(state, 'ledger.json')}`);
    expect([existsSync(join(state, 'audit.jsonl')), statSync(state).mode & 0o777]).toEqual([false, 0o755]);
    rmSync(home, { recursive: true });
  });

  it('takes the secrets out of the environment that children would get', async () => {
    Object.assign(process.env, { X402_PRIVATE_KEY: `0x${'12'.repeat(32)}`, BLOCKRUN_PROXY_TOKEN: TOKEN });
    // Of this test's own environment: what Jest gives a test is a copy, and children get the process' own unless told.
    const ofChildren = () => spawnSync('env', { encoding: 'utf8', env: process.env }).stdout;
    expect(ofChildren()).toMatch(/X402_PRIVATE_KEY[^]*BLOCKRUN_PROXY_TOKEN/);
    await ConfigurationModule.forRoot();
    expect(ofChildren()).not.toMatch(/X402_PRIVATE_KEY|BLOCKRUN_PROXY_TOKEN/);
  });
});
