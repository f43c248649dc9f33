import { randomUUID } from 'node:crypto';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** Names the request in the answer, the log, the ledger and the audit. Always made here: an id of the client's could be used twice. */
@Injectable()
export class RequestIdMiddleware implements NestMiddleware {
  use(request: Request & { id?: string }, response: Response, next: NextFunction): void {
    request.id = `req_${randomUUID().replaceAll('-', '')}`;
    response.setHeader('x-blockrun-proxy-request-id', request.id);
    next();
  }
}
