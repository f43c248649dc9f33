import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll } from '@jest/globals';
import { cacheDirectory, isInstalled, NODE_VERSION, OPENCLAW_VERSION, openClawCommand } from './openclaw-cache.js';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Installs the real OpenClaw once, before the tests of a file. Where that cannot be they fail: whoever asks for a test with the real
 * OpenClaw must not take "nothing was tested" for a pass.
 */
beforeAll(() => {
  if (!isInstalled()) {
    process.stdout.write(
      `\nOpenClaw ${OPENCLAW_VERSION} and Node ${NODE_VERSION} are installed into ${cacheDirectory()} (836 MB, once).\n`,
    );
    install('node', `node@${NODE_VERSION}`);
    // Its install scripts ask for the Node that they will run under.
    install('app', `openclaw@${OPENCLAW_VERSION}`, dirname(openClawCommand().node));
  }
  const { node, entry } = openClawCommand();
  const { status, stdout, stderr } = spawnSync(node, [entry, '--version'], { encoding: 'utf8' });
  if (status !== 0 || !stdout.includes(OPENCLAW_VERSION)) notRun(`OpenClaw does not start here: ${stderr || stdout}`);
}, 3 * INSTALL_TIMEOUT_MS);

function install(name: string, what: string, nodeDirectory?: string): void {
  const directory = join(cacheDirectory(), name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  const path = [nodeDirectory, process.env.PATH].filter((part) => part !== undefined).join(delimiter);
  const words = ['install', '--no-audit', '--no-fund', what];
  const { status, stderr, error } = spawnSync('npm', words, {
    cwd: directory,
    env: { ...process.env, PATH: path },
    timeout: INSTALL_TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status !== 0) notRun(`npm could not install ${what}: ${(error?.message ?? stderr).slice(-2000)}`);
}

function notRun(why: string): never {
  throw new Error(`NOT RUN: nothing was tested with the real OpenClaw. ${why}`);
}
