import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Names the request in the answer, the log, the ledger and the audit. Always made here: an id of the client's could be used twice. */
export function assignRequestId(_request: IncomingMessage, response: ServerResponse): string {
  const id = `req_${randomUUID().replaceAll('-', '')}`;
  response.setHeader('x-blockrun-proxy-request-id', id);
  return id;
}
