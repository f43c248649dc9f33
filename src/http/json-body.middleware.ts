import { isUtf8 } from 'node:buffer';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import readRawBody from 'raw-body';
import { CodedError } from '../errors/coded-error.js';

/** What BlockRun itself takes at most. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Whatever its parameters are: JSON is UTF-8 (RFC 8259, section 8.1), and is looked at for being that. */
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Reads JSON bodies up to the limit. A larger one is refused as soon as that is known, by its announced length or when it passes the
 * limit, and its connection is closed: Express' own parser would first wait for the rest of it.
 */
@Injectable()
export class JsonBodyMiddleware implements NestMiddleware {
  async use(request: Request & { bodyText?: string }, response: Response, next: NextFunction): Promise<void> {
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity', 'content-length': length } = request.headers;
    if (!JSON_TYPE.test(type) || encoding !== 'identity') {
      throw new CodedError('unsupported_content_type', 'Send the body as plain JSON, with the header "Content-Type: application/json".');
    }
    const bytes = await readRawBody(request, { limit: MAX_BODY_BYTES, ...(length && { length }) }).catch((fault: unknown) => {
      response.setHeader('connection', 'close');
      throw codedBodyFault(fault);
    });
    request.bodyText = textOf(bytes);
    request.body = parseJson(request.bodyText);
    next();
  }
}

/** Broken characters are refused: replaced ones would be another text than the client's. A byte order mark is none of the text. */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new CodedError('invalid_json', 'The body is not valid UTF-8.');
  const text = bytes.toString();
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the body: it is not passed on.
    throw new CodedError('invalid_json', 'The body is not valid JSON.');
  }
}

function codedBodyFault(fault: unknown): CodedError {
  switch ((fault as { type?: unknown }).type) {
    case 'entity.too.large':
      return new CodedError('request_too_large', `The body is larger than the limit of ${MAX_BODY_BYTES} bytes.`);
    case 'request.aborted':
    case 'request.size.invalid':
      return new CodedError('client_closed_request', 'The body did not have its announced length.');
    default:
      return new CodedError('invalid_request', 'The body could not be read.', { cause: fault });
  }
}
