import { request } from 'undici';
import type { Configuration } from '../configuration/configuration.js';
import type { Health } from '../health/health.service.js';
import { boundedText } from '../payment/bounded-text.js';
import { type Check, fail, type Finding, ok } from './finding.js';
import { reasonOf } from '../errors/reason-of.js';

const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 64 * 1024;
const ANOTHER = 'stop what listens there, or set PORT to another one (for clients, too)';

/** Whether the address is free, or the proxy itself answers there. It is only called, never taken. */
export function portCheck({ host, port }: Pick<Configuration, 'host' | 'port'>): Check {
  return {
    name: 'port',
    run: async (signal) => {
      if (port === 0) return ok('any free one (PORT=0)');
      const address = addressOf(host, port);
      try {
        return await whoAnswers(address, signal);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ECONNREFUSED') return ok(`${address} is free: no proxy runs there now`);
        return fail(`${address} is taken by a program that does not answer as this proxy does (${reasonOf(error)})`, ANOTHER);
      }
    },
  };
}

async function whoAnswers(address: string, signal: AbortSignal): Promise<Finding> {
  const { headers, body, statusCode } = await request(`http://${address}/health`, {
    reset: true, // no connection is kept that would keep this program from ending
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (headers['x-blockrun-proxy-request-id'] === undefined) {
    await body.dump();
    return fail(`${address} is taken by another program`, ANOTHER);
  }
  const text = await boundedText(body, MAX_ANSWER_BYTES);
  if (statusCode === 200) return ok(`${address}: the proxy runs there, and is well`);
  const { reasons } = JSON.parse(text) as Partial<Health>;
  return fail(`${address}: the proxy runs there, and pays nothing: ${(reasons ?? [`status ${statusCode}`]).join('; ')}`);
}

/** Where who is on this machine reaches a proxy that listens there. */
function addressOf(host: string, port: number): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const name = bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}
