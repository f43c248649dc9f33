import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * A child that does not outlive us. It is killed when we exit, and on Linux also when we are killed ourselves: setpriv asks the
 * kernel for that and then becomes the child, so the process id is the child's. Elsewhere a SIGKILL of the parent leaves the child.
 *
 * The child is cut off from our terminal: a Ctrl-C reaches only us, and we stop everything in order.
 */
export interface BoundProcess {
  readonly child: ChildProcess;
  /** SIGTERM, then SIGKILL after the grace period. Resolves when the child is gone; calling it again is harmless. */
  stop(graceMs?: number): Promise<void>;
}

const SETPRIV = '/usr/bin/setpriv';

export interface BoundProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A descriptor that takes what it prints; by default that comes through pipes. */
  readonly output?: number | 'pipe';
}

export function spawnBound(
  command: string,
  args: readonly string[],
  { output = 'pipe', ...options }: BoundProcessOptions = {},
): BoundProcess {
  const stdio: StdioOptions = ['ignore', output, output];
  const settings = { ...options, detached: true, stdio };
  const diesWithParent = process.platform === 'linux' && existsSync(SETPRIV);
  const child = diesWithParent
    ? spawn(SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args], settings)
    : spawn(command, [...args], settings);

  // The whole group, for it may have children of its own that would keep its pipes open.
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody is left in it.
    }
  };
  process.once('exit', killGroup);
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  }).finally(() => {
    isGone = true;
    process.removeListener('exit', killGroup);
  });

  return {
    child,
    async stop(graceMs = 5_000) {
      if (isGone) return;
      child.kill('SIGTERM');
      const impatience = setTimeout(killGroup, graceMs);
      await gone.finally(() => clearTimeout(impatience));
    },
  };
}
