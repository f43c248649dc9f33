import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';

/** What Express changes the prototypes of requests and responses to. */
interface ExpressPrototypes {
  request: object;
  response: object;
}

/**
 * Nest's Express adapter on a server that makes requests and responses as Express wants them. Express itself changes the prototype of each one when it
 * comes in. V8 then gives it a hidden class of its own with every property that is added: no inline cache knows it, and what hangs on it outlives the
 * quick collections of the young objects.
 */
export class StableShapeExpressAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse extends ServerResponse<ExpressRequest> {}
    const express = this.getInstance<ExpressPrototypes & Parameters<typeof createServer>[1]>();
    express.request = Object.setPrototypeOf(ExpressRequest.prototype, express.request) as object;
    express.response = Object.setPrototypeOf(ExpressResponse.prototype, express.response) as object;
    this.setHttpServer(createServer({ IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse }, express));
  }
}
