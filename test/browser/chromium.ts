import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromiumPath, openBrowser } from '../../sandbox/browser.js';

/** Where Chromium is. Debian's is installed when none is there and this is root on Debian; undefined where there is none. */
export function chromiumProgram(): string | undefined {
  if (chromiumPath() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stdout.write('Installing Chromium for the browser tests (apt-get install chromium)\n');
    const apt = (...words: string[]) => spawnSync('apt-get', ['-qq', '-y', ...words], { stdio: 'ignore' });
    apt('update');
    apt('install', '--no-install-recommends', 'chromium');
  }
  return chromiumPath();
}

/** A browser for which every name under `.example` is this machine. */
export function startBrowser(): Promise<Browser> {
  return openBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
}
