import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../sandbox/free-port.js';

/** ClawRouter before the upstream of the benchmark. Arguments: the directory that it is in, the API of the upstream. */
const [directory = '', apiBase = ''] = process.argv.slice(2);

interface ClawRouter {
  readonly startProxy: (options: object) => Promise<{ baseUrl: string }>;
}

const { startProxy } = (await import(pathToFileURL(join(directory, 'dist', 'index.js')).href)) as ClawRouter;
const { baseUrl } = await startProxy({
  apiBase,
  wallet: { key: `0x${randomBytes(32).toString('hex')}` },
  paymentChain: 'base',
  port: await freePort(),
  // It would ask the chain what the wallet has, answer from memory, and stay with a model: none of which is what is measured.
  skipBalanceCheck: true,
  cacheConfig: { enabled: false },
  sessionConfig: { enabled: false },
});
console.log(`listening on ${baseUrl}`);
