import { randomBytes } from 'node:crypto';
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
  return `${Date.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}
