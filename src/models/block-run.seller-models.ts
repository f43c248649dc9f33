import { Agent, request } from 'undici';
import type { ModelListAnswer, SellerModels } from './seller-models.js';
import { reasonOf } from '../errors/reason-of.js';

const TIMEOUT_MS = 10_000;
const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** BlockRun's free list beside its chat endpoint: `…/v1/models`. One connection, closed after each list; nothing is repeated or followed. */
export class BlockRunSellerModels implements SellerModels {
  constructor(private readonly url: URL) {}

  async list(signal: AbortSignal): Promise<ModelListAnswer> {
    const agent = new Agent({ connect: { timeout: TIMEOUT_MS }, headersTimeout: TIMEOUT_MS, maxResponseSize: MAX_LIST_BYTES });
    try {
      const { statusCode, headers, body } = await request(this.url, {
        dispatcher: agent,
        headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'blockrun-openclaw-proxy' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await body.text();
      if (statusCode === 429) return { kind: 'limited', until: timeOf(headers['x-ratelimit-reset']) };
      return statusCode === 200 ? { kind: 'list', text } : { kind: 'failed', reason: `the seller answered ${statusCode}` };
    } catch (error) {
      return { kind: 'failed', reason: reasonOf(error) };
    } finally {
      await agent.destroy();
    }
  }
}

/** A Unix time in milliseconds. */
function timeOf(header: string | string[] | undefined): Date | undefined {
  return typeof header === 'string' && /^\d{13}$/.test(header) ? new Date(Number(header)) : undefined;
}

/** Where the list is for a chat URL; undefined where that does not end as BlockRun's does. */
export function modelsUrlOf(chatUrl: URL): URL | undefined {
  const path = /^(.*)\/chat\/completions\/?$/.exec(chatUrl.pathname)?.[1];
  return path === undefined ? undefined : new URL(`${path}/models`, chatUrl.origin);
}
