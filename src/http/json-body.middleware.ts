import { Injectable, type NestMiddleware } from '@nestjs/common';
import express, { type NextFunction, type Request, type Response } from 'express';
import { CodedError } from '../errors/coded-error.js';

/** What BlockRun itself takes at most. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Reads JSON bodies up to the limit; a larger one is refused by its announced length, before it is read. */
@Injectable()
export class JsonBodyMiddleware implements NestMiddleware {
  private readonly parse = express.json({ limit: MAX_BODY_BYTES, strict: true, type: 'application/json' });

  use(request: Request, response: Response, next: NextFunction): void {
    if (!request.is('application/json')) {
      throw new CodedError('unsupported_content_type', 'Send the body as JSON, with the header "Content-Type: application/json".');
    }
    this.parse(request, response, (fault?: unknown) => next(fault === undefined ? undefined : codedBodyFault(fault)));
  }
}

/** The body parser tells its faults by `type`. Its messages are not passed on: they quote the body. */
function codedBodyFault(fault: unknown): CodedError {
  const { type } = fault as { type?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      return new CodedError('invalid_json', 'The body is not a valid JSON object.');
    case 'entity.too.large':
      return new CodedError('request_too_large', `The body is larger than the limit of ${MAX_BODY_BYTES} bytes.`);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new CodedError('unsupported_content_type', 'The body must be JSON in UTF-8; plain, or compressed with gzip, deflate or br.');
    case 'request.aborted':
    case 'request.size.invalid':
      return new CodedError('client_closed_request', 'The body did not have its announced length.');
    default:
      return new CodedError('invalid_request', 'The body could not be read.', { cause: fault });
  }
}
