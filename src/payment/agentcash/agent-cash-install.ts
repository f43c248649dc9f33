import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentCashSettings } from '../../configuration/agent-cash-settings.js';
import { CodedError } from '../../errors/coded-error.js';
import { reasonOf } from '../../errors/reason-of.js';
import { keepLastWords } from './agent-cash-words.js';

/** The exact versions of all that is installed, with their checksums. */
const MANIFEST = fileURLToPath(new URL('../../../config/agentcash/', import.meta.url));
const FILES = ['package.json', 'package-lock.json'];
/** No scripts: nothing of it needs one, and none is to run beside a wallet. */
const NPM_WORDS = ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
const PROGRESS_MS = 3_000;

export interface Pinned {
  agentcash: string;
  viem: string;
}

/** The versions that were tested together. */
export async function pinnedVersions(): Promise<Pinned> {
  const { dependencies } = JSON.parse(await readFile(join(MANIFEST, 'package.json'), 'utf8')) as { dependencies: Pinned };
  return dependencies;
}

type Place = Pick<AgentCashSettings, 'prefix' | 'npmEnvironment'>;

/** Whether exactly this is there already. */
export async function isInstalled({ prefix }: Pick<Place, 'prefix'>): Promise<boolean> {
  // It comes into its place as a whole, so a lock file that is the same stands for all that it names.
  const [ours, theirs] = await Promise.all(
    [MANIFEST, prefix].map((directory) => readFile(join(directory, 'package-lock.json')).catch(() => undefined)),
  );
  return ours !== undefined && theirs !== undefined && ours.equals(theirs);
}

/**
 * Installs beside the prefix and puts it in its place when it is whole, so that a failed or interrupted install changes nothing.
 * @throws CodedError payer_failed with what npm said
 */
export async function installAgentCash({ prefix, npmEnvironment }: Place, progress: (line: string) => void): Promise<void> {
  const [fresh, old] = [`${prefix}.new`, `${prefix}.old`];
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(prefix), { recursive: true, mode: 0o700 });
  await mkdir(fresh, { mode: 0o700 });
  try {
    for (const file of FILES) await cp(join(MANIFEST, file), join(fresh, file));
    await runNpm(fresh, npmEnvironment, progress);
    await rm(old, { recursive: true, force: true });
    await rename(prefix, old).catch(ignoreAbsence);
    await rename(fresh, prefix);
  } finally {
    for (const left of [fresh, old]) await rm(left, { recursive: true, force: true });
  }
}

async function runNpm(directory: string, environment: Readonly<Record<string, string>>, progress: (line: string) => void): Promise<void> {
  // npm is found as the user finds it; last of all beside the Node.js that runs us, which it may also need itself.
  const path = [environment.PATH, dirname(process.execPath)].filter(Boolean).join(delimiter);
  const child = spawn('npm', NPM_WORDS, { cwd: directory, env: { ...environment, PATH: path }, stdio: ['ignore', 'ignore', 'pipe'] });
  const words = keepLastWords(child.stderr);
  const startedAt = Date.now();
  const timer = setInterval(() => void countPackages(directory).then((count) => progress(told(count, startedAt))), PROGRESS_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(words() || `it ended with code ${code}`);
  } catch (cause) {
    const says = reasonOf(cause);
    throw new CodedError('payer_failed', `npm could not install AgentCash: ${says}. Nothing was changed.`, { cause });
  } finally {
    clearInterval(timer);
  }
}

const told = (count: number, startedAt: number) => `${Math.round((Date.now() - startedAt) / 1000)} s: ${count} packages`;

/** Those that are in their place so far: npm makes all their directories first. */
async function countPackages(directory: string): Promise<number> {
  const modules = join(directory, 'node_modules');
  const names = await readdir(modules).catch(() => []);
  const inScopes = names.filter((name) => name.startsWith('@')).map(async (scope) => pathsIn(join(modules, scope)));
  const paths = [...names.map((name) => join(modules, name)), ...(await Promise.all(inScopes)).flat()];
  return paths.filter((path) => existsSync(join(path, 'package.json'))).length;
}

async function pathsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.map((name) => join(directory, name));
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
