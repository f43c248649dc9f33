import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Configuration } from '../configuration/configuration.js';
import { isLoopback } from '../configuration/environment.js';
import { CodedError } from '../errors/coded-error.js';

/**
 * Who may talk to the proxy at all. It runs before a body is read, so that nothing of a foreign request is. A web page that reaches the
 * port through a name of its own (DNS rebinding) is told by its Host, one that calls across origins by its Origin; with a token set,
 * every client has to send it.
 */
@Injectable()
export class LocalAccessMiddleware implements NestMiddleware {
  private readonly hosts: ReadonlySet<string>;
  private readonly tokenDigest: Buffer | undefined;

  constructor({ host, token }: Configuration) {
    this.hosts = new Set(['localhost', '127.0.0.1', '[::1]', host.toLowerCase()]);
    this.tokenDigest = token === undefined ? undefined : digest(token);
  }

  use(request: Request, _response: Response, next: NextFunction): void {
    this.checkHost(request);
    this.checkOrigin(request);
    this.checkToken(request);
    next();
  }

  private checkHost({ headers }: Request): void {
    const host = headers.host?.toLowerCase() ?? '';
    const name = host.replace(/:\d{1,5}$/, '');
    // With a token the proxy may be reached under any name: what the name protects from has no token.
    if (this.hosts.has(name) || isLoopback(name) || this.tokenDigest) return;
    throw new CodedError('foreign_host', 'This proxy answers only under localhost and 127.0.0.1. Use one of these names.');
  }

  private checkOrigin({ headers }: Request): void {
    const { origin } = headers;
    const isForeignOrigin = origin !== undefined && !(URL.canParse(origin) && this.hosts.has(new URL(origin).hostname));
    const site = headers['sec-fetch-site'];
    if (!isForeignOrigin && (site === undefined || site === 'same-origin' || site === 'none')) return;
    throw new CodedError('foreign_origin', 'Web pages of other origins may not use this proxy.');
  }

  private checkToken({ headers }: Request): void {
    if (!this.tokenDigest) return;
    const [, sent = ''] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
    if (timingSafeEqual(digest(sent), this.tokenDigest)) return;
    throw new CodedError(
      'invalid_token',
      'A valid token is required: send the BLOCKRUN_PROXY_TOKEN of this proxy as "Authorization: Bearer …".',
    );
  }
}

/** Equal lengths, so that the comparison tells nothing about the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
