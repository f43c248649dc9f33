import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { Client } from '../configuration/client.js';
import { Configuration } from '../configuration/configuration.js';
import { isLoopback } from '../configuration/environment.js';
import { CodedError } from '../errors/coded-error.js';
import { KnownClients } from './known-clients.js';
import { isHealth, isPage } from './open-paths.js';

/**
 * Who may talk to the proxy at all. It runs before a body is read, so that nothing of a foreign request is. A web page that reaches the
 * port through a name of its own (DNS rebinding) is told by its Host, one that calls across origins by its Origin; with a token set,
 * every client has to send it, or one of its own. Which of the named clients it is stays on the request.
 */
@Injectable()
export class LocalAccessMiddleware implements NestMiddleware {
  private readonly hosts: ReadonlySet<string>;
  private readonly tokenDigest: Buffer | undefined;
  private readonly clients: KnownClients;

  constructor({ host, token, clients }: Configuration) {
    this.hosts = new Set(['localhost', '127.0.0.1', '[::1]', host.toLowerCase()]);
    this.tokenDigest = token === undefined ? undefined : digest(token.reveal());
    this.clients = new KnownClients(clients);
  }

  use(request: Request & { knownClient?: Client | undefined }, _response: Response, next: NextFunction): void {
    if (isHealth(request)) return next();
    this.checkHost(request);
    this.checkOrigin(request);
    if (!isPage(request)) request.knownClient = this.clientByToken(request) ?? this.clients.ofSession(request.headers);
    next();
  }

  private checkHost({ url, rawHeaders, headers }: Request): void {
    // A target with a host of its own (`http://evil.example/v1/…`) would count instead of the header, and of two headers nobody knows which.
    const isPlainTarget = /^\/(?!\/)/.test(url);
    const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
    const name = headers.host?.toLowerCase().replace(/:\d{1,5}$/, '') ?? '';
    // With a token the proxy may be reached under any name: what the name protects from has no token.
    const isOurs = this.hosts.has(name) || isLoopback(name) || this.tokenDigest !== undefined;
    if (isPlainTarget && hosts.length === 1 && isOurs) return;
    throw new CodedError('foreign_host', 'This proxy answers only under localhost and 127.0.0.1. Use one of these names.');
  }

  private checkOrigin({ headers }: Request): void {
    const { origin, host } = headers;
    const isForeignOrigin = origin !== undefined && !isOriginOf(host, origin);
    const site = headers['sec-fetch-site'];
    if (!isForeignOrigin && (site === undefined || site === 'same-origin' || site === 'none')) return;
    throw new CodedError('foreign_origin', 'Web pages of other origins may not use this proxy.');
  }

  /** The client whose token is sent. @throws CodedError invalid_token when one is needed, and neither that nor a client's is sent */
  private clientByToken({ headers }: Request): Client | undefined {
    if (!this.tokenDigest && !this.clients.haveTokens) return undefined;
    const [, token = ''] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
    const sent = digest(token);
    const client = this.clients.ofToken(sent);
    if (client || !this.tokenDigest || timingSafeEqual(sent, this.tokenDigest)) return client;
    throw new CodedError(
      'invalid_token',
      'A valid token is required: send the BLOCKRUN_PROXY_TOKEN of this proxy, or the token of one of its clients, as "Authorization: Bearer …".',
    );
  }
}

/** Whether a page of the origin came from the host that it now asks, port and all. */
function isOriginOf(host: string | undefined, origin: string): boolean {
  const [scheme] = /^https?:\/\//.exec(origin) ?? [];
  if (scheme === undefined || !URL.canParse(origin) || !URL.canParse(`${scheme}${host}`)) return false;
  return new URL(origin).host === new URL(`${scheme}${host}`).host;
}

/** Equal lengths, so that the comparison tells nothing about the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
