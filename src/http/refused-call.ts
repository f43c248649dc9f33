import type { Request } from 'express';
import type { FinishedCall } from '../calls/finished-call.js';
import type { ErrorCode } from '../errors/coded-error.js';

const CHAT_PATH = '/v1/chat/completions';
/** Who is kept out is told whatever it asked for. */
const ACCESS_CODES: readonly ErrorCode[] = ['foreign_host', 'foreign_origin', 'invalid_token'];

/** What the guards left on a request, as far as it came. */
interface Guarded {
  id?: string;
  receivedAt?: number;
  knownClient?: { name: string } | undefined;
  order?: { model: string; streamed: boolean };
  /** With one, its booking tells of the request. */
  purchase?: unknown;
}

/** What may be told of a request that ends with this code and never had a hold; undefined where it has one, or wanted no completion. */
export function refusedCall(request: Pick<Request, 'path' | 'method'> & Guarded, code: ErrorCode): FinishedCall | undefined {
  const { id = '', receivedAt = performance.now(), knownClient, order, purchase } = request;
  const isCall = request.method === 'POST' && request.path === CHAT_PATH;
  if (purchase !== undefined || !(isCall || ACCESS_CODES.includes(code))) return undefined;
  return {
    id,
    endedAt: new Date(),
    model: order?.model,
    client: knownClient?.name,
    streamed: order?.streamed ?? false,
    state: 'refused',
    code,
    priceMicroUsd: 0n,
    transaction: undefined,
    totalMs: performance.now() - receivedAt,
    times: {},
  };
}
