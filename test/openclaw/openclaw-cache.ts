import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The versions that docs/openclaw.md tells of. */
export const OPENCLAW_VERSION = '2026.9.6';
export const NODE_VERSION = '24.21.0';

/** Outside of the repository, so that `npm ci` does not fetch 836 MB again. */
export function cacheDirectory(): string {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return process.env.OPENCLAW_TEST_CACHE ?? join(caches, 'blockrun-openclaw-proxy', `openclaw-${OPENCLAW_VERSION}`);
}

/** The real OpenClaw and the Node that it runs under. */
export function openClawCommand(): { node: string; entry: string; path: string } {
  const directory = join(cacheDirectory(), 'node', 'node_modules', 'node', 'bin');
  const entry = join(cacheDirectory(), 'app', 'node_modules', 'openclaw', 'openclaw.mjs');
  return { node: join(directory, 'node'), entry, path: [directory, process.env.PATH].join(delimiter) };
}

export function isInstalled(): boolean {
  const { node, entry } = openClawCommand();
  const manifest = join(entry, '..', 'package.json');
  return (
    existsSync(node) &&
    existsSync(manifest) &&
    (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version === OPENCLAW_VERSION
  );
}
