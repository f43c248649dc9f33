import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openClawPlace } from '../../../src/configuration/openclaw-place.js';
import { ConfigDocument } from '../../../src/openclaw/config-document.js';
import { ConfigFile } from '../../../src/openclaw/config-file.js';
import { OpenClawCli } from '../../../src/openclaw/openclaw-cli.js';
import { OpenClawInstaller } from '../../../src/openclaw/openclaw-installer.js';
import { modelRef, providerEntry } from '../../../src/openclaw/provider-entry.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';
import { BY_OPENCLAW, LIVED_IN, MODELS } from './lived-in.js';

const FAKE = fileURLToPath(new URL('../../support/fake-openclaw', import.meta.url));
const FACTS = { baseUrl: 'http://127.0.0.1:8787/v1', token: undefined, timeoutMs: 180_000, models: MODELS };
const WANTED = { provider: providerEntry(FACTS), defaultModel: undefined };
const AS_DEFAULT = { ...WANTED, defaultModel: modelRef(MODELS[0].id) };
/** Large enough for OpenClaw to mind when half of it goes, and small beside our six-model entry. */
const MANY = {
  ...WANTED,
  provider: providerEntry({ ...FACTS, models: Array.from({ length: 12 }, (_, index) => ({ ...MODELS[0], id: `a/${index}` })) }),
};
const DONE = { dryRun: false };

describe.each([
  ['without its command', false],
  ['with its command', true],
])("OpenClaw's configuration, %s,", (_, hasCli) => {
  let directory: TemporaryDirectory;
  let path: string;
  let file: ConfigFile;
  let cli: OpenClawCli | undefined;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    path = directory.file('state/openclaw.json');
    file = new ConfigFile(path);
    const variables = {
      ...process.env,
      PATH: hasCli ? `${FAKE}:${process.env.PATH}` : '/nowhere',
      OPENCLAW_STATE_DIR: dirname(path),
      HOME: directory.path,
    };
    const found = await OpenClawCli.find(openClawPlace(undefined, variables));
    cli = found instanceof OpenClawCli ? found : undefined;
  });
  afterEach(() => directory.remove());

  const installer = () => new OpenClawInstaller(file, cli, () => new Date('2026-11-22T09:38:00Z'));
  const put = (text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const text = () => readFileSync(path, 'utf8');
  const names = () =>
    readdirSync(dirname(path))
      .filter((name) => name.includes('blockrun'))
      .sort();
  const value = () =>
    ConfigDocument.read(text()).value as { models: { providers: Record<string, unknown> }; agents: { defaults: { model: unknown } } };

  it.each([
    ['that people keep', LIVED_IN],
    ['that OpenClaw wrote', BY_OPENCLAW],
    ['on one line', '{"agents":{"defaults":{"model":"ollama/llama3"}}}'],
    ['that is empty', '{\n}\n'],
  ])('%s gets the provider, the same again changes no byte, and an uninstall brings every byte back', async (_kind, before) => {
    put(before);
    const change = await installer().install(AS_DEFAULT, DONE);
    expect(change?.by).toBe(hasCli && before === BY_OPENCLAW ? 'openclaw' : 'edit');
    expect(value().models.providers['blockrun-x402']).toEqual(WANTED.provider);
    expect(JSON.stringify(value().agents.defaults.model)).toContain('blockrun-x402/google/gemini-3-flash-preview');
    const [installed, beside] = [text(), names()];
    expect(await installer().install(AS_DEFAULT, DONE)).toBeUndefined();
    expect([text(), names()]).toEqual([installed, beside]);
    await cli?.observe();
    await installer().uninstall(DONE);
    expect(text()).toBe(before);
    await cli?.observe();
    expect(text()).toBe(before);
    expect(await installer().uninstall(DONE)).toBeUndefined();
  });

  it('that is not there is made, readable for its owner only, and is gone again after an uninstall', async () => {
    await installer().install(WANTED, DONE);
    expect(value().models.providers).toEqual({ 'blockrun-x402': WANTED.provider });
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    await installer().uninstall(DONE);
    expect(existsSync(path)).toBe(false);
  });

  it('is only shown with a dry run', async () => {
    put(LIVED_IN);
    const change = await installer().install(AS_DEFAULT, { dryRun: true });
    expect(change?.after).toContain('blockrun-x402/google/gemini-3-flash-preview');
    expect([text(), names()]).toEqual([LIVED_IN, []]);
    await installer().install(AS_DEFAULT, DONE);
    const installed = text();
    expect((await installer().uninstall({ dryRun: true }))?.after).toBe(LIVED_IN);
    expect(text()).toBe(installed);
  });

  it('that others have changed since loses our part only, and gets its old default back', async () => {
    put(LIVED_IN);
    await installer().install(AS_DEFAULT, DONE);
    put(text().replace('// mine', '// mine, and more'));
    await installer().uninstall(DONE);
    expect(text()).toBe(LIVED_IN.replace('// mine', '// mine, and more'));
  });

  it('keeps a default that somebody has chosen since', async () => {
    put(LIVED_IN);
    await installer().install(AS_DEFAULT, DONE);
    put(text().replace(/primary: '[^']+'/, "primary: 'ollama/other'"));
    await installer().uninstall(DONE);
    expect(text()).toBe(LIVED_IN.replace('ollama/llama3', 'ollama/other'));
  });

  it('gets back an entry of the same name that stood there', async () => {
    const before = LIVED_IN.replace(
      "      'ollama'",
      "      'blockrun-x402': { baseUrl: 'http://127.0.0.1:1/v1', models: [] },\n      'ollama'",
    );
    put(before);
    await installer().install(WANTED, DONE);
    expect(value().models.providers['blockrun-x402']).toEqual(WANTED.provider);
    put(`${text()}// later\n`);
    await installer().uninstall(DONE);
    expect(value().models.providers['blockrun-x402']).toEqual({ baseUrl: 'http://127.0.0.1:1/v1', models: [] });
  });

  it('installed twice with other settings still comes back to its first bytes, or where others changed it between, without our part', async () => {
    put(LIVED_IN);
    await installer().install(WANTED, DONE);
    await installer().install({ ...AS_DEFAULT, provider: providerEntry({ ...FACTS, baseUrl: 'http://127.0.0.1:9000/v1' }) }, DONE);
    await installer().uninstall(DONE);
    expect(text()).toBe(LIVED_IN);
    await installer().install(AS_DEFAULT, DONE);
    put(text().replace('// mine', '// changed'));
    await installer().install(MANY, DONE);
    await installer().uninstall(DONE);
    expect(text()).toBe(LIVED_IN.replace('// mine', '// changed'));
  });

  it('without a record of an install loses the provider, and says where its models are still named', async () => {
    put(LIVED_IN);
    await installer().install(AS_DEFAULT, DONE);
    file.removeRecord();
    const change = await installer().uninstall(DONE);
    expect(value().models.providers['blockrun-x402']).toBeUndefined();
    expect(change?.notes).toEqual([expect.stringContaining('agents.defaults.model.primary')]);
  });

  it('with an allowlist of models that lacks ours is told of', async () => {
    put('{ agents: { defaults: { modelPolicy: { allow: ["ollama/*"] } } } }');
    expect((await installer().install(WANTED, DONE))?.notes).toEqual([expect.stringContaining('modelPolicy.allow')]);
  });

  it('that becomes much smaller is not taken for damage: OpenClaw puts no copy of its own back', async () => {
    put(BY_OPENCLAW);
    await installer().install(MANY, DONE);
    // What OpenClaw last saw, and the copy of its own that would come back: with our provider in it.
    writeFileSync(`${path}.bak`, text());
    await cli?.observe();
    const change = await installer().uninstall(DONE);
    await cli?.observe();
    expect(text()).toBe(BY_OPENCLAW);
    expect(change?.notes).toEqual(hasCli ? [] : [expect.stringContaining(`${path}.bak`)]);
  });

  it.each([
    ['cannot be read', '{ a: ', /cannot be read/],
    ['has a key twice', '{ models: {}, models: {} }', /twice/],
    ['has something else in our place', '{ models: { providers: [] } }', /not an object|refuse/],
  ])('that %s is refused and left as it is', async (_what, broken, says) => {
    put(broken);
    await expect(installer().install(WANTED, DONE)).rejects.toThrow(says);
    expect([text(), names()]).toEqual([broken, []]);
  });

  it('that is a symbolic link, or a directory, is refused', async () => {
    writeFileSync(directory.file('real.json'), '{}');
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(directory.file('real.json'), path);
    await expect(installer().install(WANTED, DONE)).rejects.toThrow(/symbolic link/);
    await expect(installer().uninstall(DONE)).rejects.toThrow(/symbolic link/);
    expect(readFileSync(directory.file('real.json'), 'utf8')).toBe('{}');
    await expect(new OpenClawInstaller(new ConfigFile(directory.path), undefined, () => new Date()).install(WANTED, DONE)).rejects.toThrow(
      /regular file/,
    );
  });

  it('that another program changes in between is left to it', () => {
    put(LIVED_IN);
    expect(() => file.replace('something else', '{}')).toThrow(/changed by another program/);
    expect(text()).toBe(LIVED_IN);
  });

  it('that cannot be written stays as it is, and no record of an install is left', async () => {
    const longest = new ConfigFile(directory.file(`${'x'.repeat(250)}.json`)); // the names of a backup and a draft are too long
    writeFileSync(longest.path, LIVED_IN);
    await expect(new OpenClawInstaller(longest, undefined, () => new Date()).install(WANTED, DONE)).rejects.toThrow(/cannot be written/);
    expect(readFileSync(longest.path, 'utf8')).toBe(LIVED_IN);
    expect(readdirSync(directory.path).filter((name) => !name.startsWith('x'))).toEqual([]);
  });
});

describe("OpenClaw's own word", () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  const find = async (more: Record<string, string> = {}) =>
    OpenClawCli.find(openClawPlace(undefined, { PATH: `${FAKE}:${process.env.PATH}`, OPENCLAW_STATE_DIR: directory.path, ...more }));

  it('against the change is told, and nothing is written', async () => {
    const cli = await find();
    const file = new ConfigFile(directory.file('openclaw.json'));
    writeFileSync(file.path, LIVED_IN);
    const install = new OpenClawInstaller(file, cli as OpenClawCli, () => new Date()).install(
      { provider: { wrong: 1 }, defaultModel: undefined },
      DONE,
    );
    await expect(install).rejects.toThrow(/OpenClaw would refuse this:\n.*Unrecognized key: "wrong"/);
    expect(readdirSync(directory.path)).toEqual(['openclaw.json']);
  });

  it('on another configuration than ours stops the install', async () => {
    const cli = await find();
    const elsewhere = new ConfigFile(directory.file('elsewhere.json'));
    await expect(new OpenClawInstaller(elsewhere, cli as OpenClawCli, () => new Date()).install(WANTED, DONE)).rejects.toThrow(
      /OPENCLAW_CONFIG_PATH/,
    );
  });

  it('is not asked where its command does not run, which is told', async () => {
    expect(await find({ FAKE_OPENCLAW_BROKEN: '1' })).toEqual({
      file: join(FAKE, 'openclaw'),
      doesNotRun: 'openclaw: Node.js >= 24 is required',
    });
    expect(await find({ PATH: '/nowhere' })).toBeUndefined();
  });
});
