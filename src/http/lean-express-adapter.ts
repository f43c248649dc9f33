import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';

/** What Express changes the prototypes of requests and responses to. */
interface ExpressPrototypes {
  request: object;
  response: object;
}

/** Nest's Express adapter without what Express does to every request and answer that takes long and is of no use here. */
export class LeanExpressAdapter extends ExpressAdapter {
  /**
   * A server that makes requests and responses as Express wants them. Express itself changes the prototype of each one when it
   * comes in. V8 then gives it a hidden class of its own with every property that is added: no inline cache knows it, and what hangs on it outlives the
   * quick collections of the young objects.
   */
  override initHttpServer(): void {
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse extends ServerResponse<ExpressRequest> {}
    const express = this.getInstance<ExpressPrototypes & Parameters<typeof createServer>[1]>();
    express.request = Object.setPrototypeOf(ExpressRequest.prototype, express.request) as object;
    express.response = Object.setPrototypeOf(ExpressResponse.prototype, express.response) as object;
    this.setHttpServer(createServer({ IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse }, express));
  }

  /** A text whose type and charset are known goes out as it is: Express takes both apart, and looks whether the client has the text already. */
  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (typeof body !== 'string' || !isCharsetKnown(response) || response.req.method === 'HEAD') {
      return super.reply(response, body, statusCode) as unknown;
    }
    if (statusCode !== undefined) response.status(statusCode);
    response.setHeader('content-length', Buffer.byteLength(body));
    return response.end(body);
  }
}

function isCharsetKnown(response: Response): boolean {
  return /; *charset=utf-8$/.test(String(response.getHeader('content-type')));
}
