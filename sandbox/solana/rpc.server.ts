import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, send, serveOnLoopback, type LoopbackServer } from '../loopback-server.js';
import type { PauseGate } from '../pause-gate.js';
import type { Bank } from './bank.js';
import { accountMethods } from './rpc-accounts.js';
import { blockMethods, type Methods } from './rpc-blocks.js';
import { RpcError } from './rpc-error.js';
import { historyMethods } from './rpc-history.js';
import { sendingMethods } from './rpc-sending.js';

/**
 * How a node is not there: it answers 500, it asks to be left alone for a while, it never answers, or it closes every connection.
 */
export type NodeFailure = 'error' | 'rate-limited' | 'hang' | 'closed';

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

const MAX_BODY_BYTES = 65_536;
const BIGINT = /"#(\d+)#"/g;

export interface RpcServerOptions {
  readonly port: number;
  /** How the node is not there at the moment, if it is not. */
  readonly failure: () => NodeFailure | undefined;
  /** Where a call waits that hangs, until it is cut off. */
  readonly gate: PauseGate;
  /** Told of every call that is answered. */
  readonly heard: (call: RpcCall) => void;
}

/** The node's JSON-RPC over HTTP. */
export function serveRpc(bank: Bank, { port, failure, gate, heard }: RpcServerOptions): Promise<LoopbackServer> {
  const methods: Methods = { ...blockMethods(bank), ...accountMethods(bank), ...sendingMethods(bank), ...historyMethods(bank) };
  const answer = async (request: unknown): Promise<object> => {
    const { id = null, method, params = [] } = (request ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
    if (typeof method !== 'string' || !Array.isArray(params)) return { jsonrpc: '2.0', error: INVALID_REQUEST, id };
    heard({ method, params });
    const act = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (act === undefined) return { jsonrpc: '2.0', error: { code: -32601, message: 'Method not found' }, id };
    try {
      return { jsonrpc: '2.0', result: await act(params), id };
    } catch (error) {
      return { jsonrpc: '2.0', error: describe(error), id };
    }
  };
  return serveOnLoopback(async (request, response) => {
    if (await fail(failure(), { request, response, gate })) return;
    const asked = parse(await readBody(request, MAX_BODY_BYTES));
    if (asked === undefined) return sendNumbers(response, { jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' }, id: null });
    sendNumbers(response, Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked));
  }, port);
}

const INVALID_REQUEST = { code: -32600, message: 'Invalid request' };

interface Failing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly gate: PauseGate;
}

async function fail(failure: NodeFailure | undefined, { request, response, gate }: Failing): Promise<boolean> {
  switch (failure) {
    case undefined:
      return false;
    case 'error':
      send(response, 500, 'Internal Server Error', { 'content-type': 'text/plain' });
      return true;
    case 'rate-limited': {
      const error = { code: 429, message: 'Too many requests for a specific RPC call' };
      send(response, 429, JSON.stringify({ jsonrpc: '2.0', error, id: 1 }), { 'content-type': 'application/json', 'retry-after': '10' });
      return true;
    }
    case 'hang':
      await gate.wait(response);
      response.destroy();
      return true;
    case 'closed':
      request.socket.resetAndDestroy();
      return true;
  }
}

function describe(error: unknown): object {
  if (!(error instanceof RpcError)) return { code: -32603, message: error instanceof Error ? error.message : String(error) };
  return { code: error.rpcCode, message: error.message, ...(error.data === undefined ? {} : { data: error.data }) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    // Not JSON: the caller is told so.
    return undefined;
  }
}

/** Whole numbers of any size are JSON numbers here, as on the real node. */
function sendNumbers(response: ServerResponse, body: unknown): void {
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? `#${value}#` : value));
  send(response, 200, text.replace(BIGINT, '$1'), { 'content-type': 'application/json' });
}
