import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { MODEL, ProxyUnderTest } from '../e2e/proxy.js';
import { LIVED_IN } from '../unit/openclaw/lived-in.js';
import { openClawCommand } from './openclaw-cache.js';
import { RealOpenClaw } from './real-openclaw.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const REF = `blockrun-x402/${MODEL}`;

describe.each([
  ['through its own command', true],
  ['without its command', false],
])('the real OpenClaw, configured %s,', (_, hasCli) => {
  let world: World;
  let proxy: ProxyUnderTest;
  let openClaw: RealOpenClaw;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });
  beforeEach(() => {
    openClaw = new RealOpenClaw();
    const { node, entry } = openClawCommand();
    mkdirSync(join(openClaw.home, 'bin'));
    writeFileSync(join(openClaw.home, 'bin', 'openclaw'), `#!/bin/sh\nexec "${node}" "${entry}" "$@"\n`);
    chmodSync(join(openClaw.home, 'bin', 'openclaw'), 0o755);
  });
  afterEach(() => openClaw.remove());

  /** Our command, with the same home. */
  const ours = async (...words: string[]): Promise<string> => {
    const path = hasCli ? `${join(openClaw.home, 'bin')}:${process.env.PATH}` : process.env.PATH;
    const models = `${MODEL},openai/gpt-5.4-nano`;
    const env = { PATH: path, HOME: openClaw.home, PORT: new URL(proxy.url).port, BLOCKRUN_MODELS: models };
    const child = spawn(process.execPath, [MAIN, 'openclaw', ...words], { cwd: openClaw.home, env });
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (output += part.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, output]).toEqual([0, output]);
    return output;
  };
  const expectTurn = async (options: string[]) => {
    const { paidSends } = world.seller;
    const turn = await openClaw.turn('Say hello in one word.', options);
    expect([turn.ok, turn.final]).toEqual([true, 'This answer was made in the sandbox by no model at all']);
    expect(world.seller.paidSends - paidSends).toBe(1);
    return turn;
  };
  const read = () => readFileSync(openClaw.configFile, 'utf8');
  /** Any command that reads the configuration as a turn does, and would put an old copy back. */
  const models = async () =>
    (JSON.parse((await openClaw.run(['models', 'list', '--json'])).stdout) as { models: { key: string }[] }).models;

  it('where there was no configuration, pays for a turn, knows its cost, and forgets us again', async () => {
    await ours('install');
    const installed = read();
    expect(await ours('install')).toContain('nothing to change');
    expect(read()).toBe(installed);
    expect((await openClaw.run(['config', 'validate'])).code).toBe(0);
    const turn = await expectTurn(['--model', REF]);
    expect(turn.costUsd ?? turn.usage).toBeDefined();
    await ours('uninstall');
    expect((await models()).map(({ key }) => key)).toEqual([]);
    expect(existsSync(openClaw.configFile)).toBe(false);
  });

  it('where people keep one with comments, another provider and default, pays for a turn of the default, and has its bytes back', async () => {
    openClaw.writeConfig(LIVED_IN);
    expect(await models()).toHaveLength(1);
    await ours('install', '--set-default');
    expect(read()).toContain('// what runs here');
    expect((await models()).map(({ key }) => key)).toContain(REF);
    await expectTurn([]);
    await ours('uninstall');
    expect(read()).toBe(LIVED_IN);
    expect(await models()).toHaveLength(1);
    expect(read()).toBe(LIVED_IN);
  });

  it('where it wrote one itself, has its bytes back, and does not take the smaller file for damage', async () => {
    const gateway = { mode: 'local', port: 18_999, auth: { mode: 'token', token: 'abcdefgh12345678' } };
    await openClaw.run(['config', 'set', 'gateway', JSON.stringify(gateway), '--strict-json']);
    await models();
    const before = read();
    await ours('install', '--set-default');
    await models();
    await expectTurn([]);
    await ours('uninstall');
    expect(read()).toBe(before);
    expect(await models()).toEqual([]);
    expect(read()).toBe(before);
  });

  it('runs a tool that was asked for, and pays for both halves of the turn', async () => {
    await ours('install');
    world.seller.script.call = { name: 'exec', arguments: { command: 'echo TOOL_$((6*7))' } };
    const { paidSends } = world.seller;
    const turn = await openClaw.turn('Run it.', ['--model', REF]).finally(() => (world.seller.script.call = undefined));
    expect(turn).toMatchObject({ ok: true, assistantTurns: 2, toolSummary: { calls: 1, tools: ['exec'] } });
    expect(world.seller.paidSends - paidSends).toBe(2);
    const { messages } = JSON.parse(world.seller.bodies.at(-1)?.raw.toString() ?? '{}') as {
      messages: { role: string; content: unknown }[];
    };
    expect(messages.find(({ role }) => role === 'tool')?.content).toContain('TOOL_42');
  });

  if (hasCli) {
    it('answers the check', async () => {
      expect(await ours('install', '--check')).toContain('It works: google/gemini-3-flash-preview answered "This answer was made');
    });
  }
});
