import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { CodedError } from '../errors/coded-error.js';

/** Running answers have this long to end after a stop was asked for. */
const DRAIN_MS = 30_000;

/**
 * A clean stop: no new connection and no new request, running answers end within a bound, then every connection is closed. Without it an
 * idle client connection would keep the process up until its keep-alive time is over, and one in use would go on being served.
 */
@Injectable()
export class GracefulStop implements BeforeApplicationShutdown {
  private readonly running = new Set<Response>();
  private isStopping = false;
  private drained: (() => void) | undefined;

  constructor(private readonly host: HttpAdapterHost) {}

  /** Every request passes here before anything else looks at it. @throws CodedError shutting_down */
  admit(_request: Request, response: Response, next: NextFunction): void {
    if (this.isStopping) {
      response.setHeader('connection', 'close');
      throw new CodedError('shutting_down', 'The proxy is stopping. Nothing was paid; try again in a moment.', { retryAfterSeconds: 2 });
    }
    this.running.add(response);
    response.once('close', () => {
      this.running.delete(response);
      if (this.running.size === 0) this.drained?.();
    });
    next();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.close();
    for (const response of this.running) response.shouldKeepAlive = false;
    if (this.running.size > 0) await this.drain();
    server.closeAllConnections();
  }

  private drain(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, DRAIN_MS);
      this.drained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
