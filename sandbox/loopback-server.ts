import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  /** Origin without a trailing slash, such as http://127.0.0.1:40123. */
  readonly url: string;
  /** Stops listening and cuts every connection that is still open. Calling it again is harmless. */
  stop(): Promise<void>;
}

export type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Longer than any pause between two calls of a benchmark, so that a reused connection is not closed under the caller's feet. */
const KEEP_ALIVE_MS = 120_000;

export async function serveOnLoopback(handle: Handle, port = 0): Promise<LoopbackServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    handle(request, response).catch((error: unknown) => answerFault(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerFault(response: ServerResponse, error: unknown): void {
  if (error instanceof BodyTooLargeError) return sendJson(response, 413, { error: error.message }, { connection: 'close' });
  if (response.headersSent) response.destroy();
  else sendJson(response, 500, { error: 'Internal server error', details: error instanceof Error ? error.message : String(error) });
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: OutgoingHttpHeaders = {}): void {
  send(response, status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function send(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Resolves when the answer is out or the caller is gone, whichever comes first. */
export function closed(response: ServerResponse): Promise<void> {
  const known = closings.get(response);
  if (known !== undefined) return known;
  const closing = new Promise<void>((resolve) => {
    if (response.destroyed || response.closed) resolve();
    else response.once('close', () => resolve());
  });
  closings.set(response, closing);
  return closing;
}

/** One listener a response, however often its end is awaited. */
const closings = new WeakMap<ServerResponse, Promise<void>>();

export class BodyTooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`Request body is larger than ${maxBytes} bytes`);
  }
}

export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) throw new BodyTooLargeError(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}
