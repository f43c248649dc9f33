import { randomUUID } from 'node:crypto';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** Names the request in the answer, the log, the ledger and the audit. Always made here: an id of the client's could be used twice. */
@Injectable()
export class RequestIdMiddleware implements NestMiddleware {
  use(request: Request & { id?: string; receivedAt?: number }, response: Response, next: NextFunction): void {
    request.receivedAt = performance.now();
    request.id = `req_${timeOrderedId()}`;
    response.setHeader('x-blockrun-proxy-request-id', request.id);
    next();
  }
}

/** 48 bits of time, then 80 of chance, as UUID version 7 has them: ids that grow keep the ledger's index quick, however long it gets. */
function timeOrderedId(): string {
  // Two parts of a UUID of which every bit is chance; Node makes many of them at once.
  const uuid = randomUUID();
  return `${Date.now().toString(16).padStart(12, '0')}${uuid.slice(0, 8)}${uuid.slice(24)}`;
}
