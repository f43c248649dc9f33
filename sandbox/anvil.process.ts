import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnBound, type BoundProcess } from './bound-process.js';
import { CHAIN_ID } from './base.js';

export class AnvilMissingError extends Error {
  readonly code = 'anvil_missing';

  constructor() {
    super(
      `anvil was not found. Install it with "npm install ${anvilPackage()}@1.7.1", or put Foundry's anvil on the PATH, ` +
        'or run the sandbox with --no-chain.',
    );
  }
}

export interface AnvilProcess extends BoundProcess {
  readonly rpcUrl: string;
}

const START_TIMEOUT_MS = 20_000;

/** Port 0 has the kernel choose, and anvil says on its first lines which port it got: no race with another sandbox. */
export async function startAnvil(port = 0): Promise<AnvilProcess> {
  const anvil = spawnBound(findAnvil(), ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(CHAIN_ID)]);
  try {
    return { ...anvil, rpcUrl: await listeningUrl(anvil) };
  } catch (error) {
    await anvil.stop(0);
    throw error;
  }
}

function listeningUrl({ child }: BoundProcess): Promise<string> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('anvil was started without its pipes');
  return new Promise<string>((resolve, reject) => {
    let complaint = '';
    const impatience = setTimeout(() => reject(new Error('anvil did not start in time')), START_TIMEOUT_MS);
    stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2_000)));
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`anvil ended at once: ${complaint.trim()}`)));
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      const address = /^Listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address === undefined) return;
      clearTimeout(impatience);
      lines.close();
      // It logs every call from here on. Nobody reads that, but an undrained pipe would stop it.
      stdout.resume();
      resolve(`http://${address}`);
    });
  });
}

function findAnvil(): string {
  const found = [installedAnvil(), ...pathAnvils()].find((candidate) => candidate !== undefined && existsSync(candidate));
  if (found === undefined) throw new AnvilMissingError();
  return found;
}

function installedAnvil(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${anvilPackage()}/package.json`);
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
  } catch {
    // An optional dependency: absent where npm has no build for the platform.
    return undefined;
  }
}

function pathAnvils(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'anvil'));
}

function anvilPackage(): string {
  return `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}
