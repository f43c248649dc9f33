import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { LIVED_IN } from '../unit/openclaw/lived-in.js';
import { ProxyUnderTest } from './proxy.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const FAKE = fileURLToPath(new URL('../support/fake-openclaw', import.meta.url));
const TOKEN = 'a-token-that-is-not-shown';

describe('the command openclaw', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let home: string;
  let config: string;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_PROXY_TOKEN: TOKEN } });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'openclaw-command-'));
    config = join(home, '.openclaw', 'openclaw.json');
    mkdirSync(join(home, '.openclaw'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const run = async (words: string[], more: Record<string, string> = {}) => {
    const env = {
      PATH: `${FAKE}:${process.env.PATH}`,
      HOME: home,
      PORT: new URL(proxy.url).port,
      FAKE_OPENCLAW_LOG: join(home, 'log'),
      ...more,
    };
    const child = spawn(process.execPath, [MAIN, 'openclaw', ...words], { cwd: home, env });
    const ran = { code: null as number | null, output: '', errors: '' };
    child.stdout.on('data', (part: Buffer) => (ran.output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (ran.errors += part.toString()));
    [ran.code] = (await once(child, 'close')) as [number | null];
    return ran;
  };
  const logged = () =>
    readFileSync(join(home, 'log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { words: string[]; variables: string[] });

  it('installs, tells what it will cost, says the same again for nothing, and uninstalls to the byte', async () => {
    writeFileSync(config, LIVED_IN);
    const shown = await run(['install', '--set-default', '--dry-run']);
    expect([shown.code, readFileSync(config, 'utf8')]).toEqual([0, LIVED_IN]);
    expect(shown.output).toContain('+          { "id": "google/gemini-3-flash-preview"');
    expect(shown.output).toContain("-      model: { primary: 'ollama/llama3'");
    expect(shown.output).not.toContain('not-to-be-shown');
    const installed = await run(['install', '--set-default']);
    expect([installed.code, installed.errors]).toEqual([0, '']);
    expect(installed.output).toContain('every 1h, up to 24 full turns a day');
    expect(installed.output).toContain('about $0.38 a day, of the $1.00');
    expect(installed.output).toContain('24 x ( 24000 input tokens $0.012 + 820 output tokens $0.00246 + fee $0.001 ) = 24 x $0.01546');
    const text = readFileSync(config, 'utf8');
    expect(text).toContain(`"baseUrl": "http://127.0.0.1:${new URL(proxy.url).port}/v1"`);
    expect((await run(['install', '--set-default'])).output).toBe(`${config}: nothing to change.\n`);
    const status = JSON.parse((await run(['status', '--json'])).output) as Record<string, unknown>;
    expect(status).toMatchObject({
      configFile: config,
      openClaw: { version: 'OpenClaw 2026.9.6 (eb377ac)' },
      provider: 'installed',
      differences: [],
      defaultModel: 'blockrun-x402/google/gemini-3-flash-preview',
      usedBy: ['agents.defaults.model.primary'],
      isProxyUp: true,
    });
    expect((await run(['status'], { BLOCKRUN_MODELS: 'openai/gpt-5.4-nano' })).output).toContain('differs in models: install it again');
    expect((await run(['uninstall'])).code).toBe(0);
    expect(readFileSync(config, 'utf8')).toBe(LIVED_IN);
    expect((await run(['status'])).output).toContain('not installed');
  });

  it('with --check asks for one answer, says before what it costs at most, and never shows the token', async () => {
    const { output, errors, code } = await run(['install', '--check', '--set-default', 'openai/gpt-5.4-nano'], {
      BLOCKRUN_PROXY_TOKEN: TOKEN,
    });
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/it costs \$0\.05 at most.*\nIt works: openai\/gpt-5\.4-nano answered "This answer/);
    expect(output).not.toContain(TOKEN);
    expect(readFileSync(config, 'utf8')).toContain(TOKEN);
    expect((await run(['uninstall', '--dry-run'], { BLOCKRUN_PROXY_TOKEN: TOKEN })).output).not.toContain(TOKEN);
    // None of it went to the command beside the configuration.
    for (const { variables } of logged()) expect(variables.filter((name) => /^BLOCKRUN|^X402|^PORT$/.test(name))).toEqual([]);
  });

  it('with --check says what OpenClaw said, or that the proxy is not there', async () => {
    const refused = await run(['install', '--check'], { BLOCKRUN_PROXY_TOKEN: 'another-token-than-it-wants' });
    expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining('A valid token is required')]);
    const absent = await run(['install', '--check'], { PORT: '9' });
    expect([absent.code, absent.errors]).toEqual([1, expect.stringContaining('does not answer at http://127.0.0.1:9/v1')]);
  });

  it('writes the configuration of a named profile', async () => {
    await run(['install', '--profile', 'work']);
    expect(existsSync(config)).toBe(false);
    expect(readFileSync(join(home, '.openclaw-work', 'openclaw.json'), 'utf8')).toContain('blockrun-x402');
    expect(logged().every(({ words }) => words[0] === '--version' || words.slice(0, 2).join(' ') === '--profile work')).toBe(true);
  });

  it('knows the models of a pattern from the list that the proxy last got, and says what to do where there is none', async () => {
    writeFileSync(config, '{}');
    const pattern = { BLOCKRUN_MODELS: 'acme/*' };
    const state = join(home, '.openclaw', 'blockrun-proxy');
    for (const act of [['install'], ['install', '--dry-run']]) {
      const { code, errors } = await run(act, pattern);
      expect([code, errors]).toEqual([1, expect.stringContaining('No model is known by name: name one in BLOCKRUN_MODELS')]);
    }
    expect(readFileSync(config, 'utf8')).toBe('{}');
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const list = { fetchedAt: '2026-06-06T00:00:00.000Z', nextAskAt: '2026-06-06T00:00:00.000Z', models: [{ id: 'acme/one' }] };
    writeFileSync(join(state, 'seller-models.json'), JSON.stringify(list), { mode: 0o600 });
    expect(await run(['install', '--set-default'], pattern)).toMatchObject({ code: 0, errors: '' });
    expect(readFileSync(config, 'utf8')).toContain('blockrun-x402/acme/one');
  });

  it('does without the command where it does not run, and says so', async () => {
    writeFileSync(config, '{}');
    const { code, output } = await run(['install'], { FAKE_OPENCLAW_BROKEN: '1' });
    expect([code, output]).toEqual([0, expect.stringContaining('does not run (openclaw: Node.js >= 24 is required)')]);
    expect(readFileSync(config, 'utf8')).toContain('blockrun-x402');
  });

  it.each([
    [{ OPENCLAW_CONFIG_READONLY: '1' }, 'OPENCLAW_CONFIG_READONLY=1'],
    [{ OPENCLAW_NIX_MODE: '1' }, 'OPENCLAW_NIX_MODE=1'],
    [{ PORT: '0' }, 'PORT is 0'],
    [{ BLOCKRUN_MODELS: 'none' }, 'BLOCKRUN_MODELS must be'],
  ])('with %j refuses and changes nothing', async (more, says) => {
    writeFileSync(config, LIVED_IN);
    for (const act of ['install', 'uninstall']) {
      const { code, errors } = await run([act], more);
      expect([code, errors]).toEqual([1, expect.stringContaining(says)]);
    }
    expect(readFileSync(config, 'utf8')).toBe(LIVED_IN);
  });

  it('refuses a configuration that cannot be read, and one that is a symbolic link', async () => {
    writeFileSync(config, '{ half: ');
    const { code, errors } = await run(['install']);
    expect([code, errors]).toEqual([1, expect.stringContaining('cannot be read')]);
    rmSync(config);
    writeFileSync(join(home, 'elsewhere.json'), LIVED_IN);
    symlinkSync(join(home, 'elsewhere.json'), config);
    expect((await run(['install'])).errors).toContain('symbolic link');
    expect(readFileSync(join(home, 'elsewhere.json'), 'utf8')).toBe(LIVED_IN);
  });

  it.each([
    [['install', '--profile', '../x'], 'letters, digits'],
    [['install', '--set-default', 'not/allowed'], "The model 'not/allowed' is not on this proxy's allowlist"],
    [['nonsense'], 'error'],
  ])('with %j says what is wrong', async (words, says) => {
    const { code, errors } = await run(words);
    expect([code, errors]).toEqual([expect.any(Number), expect.stringContaining(says)]);
    expect(code).not.toBe(0);
    expect(existsSync(config)).toBe(false);
  });
});
