import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { startProgram } from './children.js';
import type { OtherGateway } from './other-gateway.js';
import { UPSTREAM_PATH } from './wire.js';

const API_PATH = dirname(dirname(dirname(UPSTREAM_PATH)));

/**
 * BlockRun's own router, which pays for each call as this proxy does, from a directory: a checkout of its repository, which has its build
 * in it, or the installed package. @throws where that is neither
 */
export function clawRouter(directory: string): OtherGateway {
  const place = resolve(directory);
  if (!existsSync(join(place, 'dist', 'index.js'))) throw new Error(`${place} has no dist/index.js: it is no ClawRouter that is built`);
  const { name, version } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { name: string; version: string };
  return {
    name: `${name}@${version}`,
    // Its streams are whole answers that it cuts into pieces, so whole answers tell all of it.
    kinds: [
      { paid: false, streamed: false },
      { paid: true, streamed: false },
    ],
    start: (upstream, at) =>
      startProgram({
        ...at,
        program: './clawrouter.program.js',
        args: [place, upstream.url + API_PATH],
        environment: { HOME: at.directory, NODE_ENV: 'production' },
      }),
    headers: () => ({}),
  };
}
