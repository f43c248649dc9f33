import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Running answers have this long to end after a stop was asked for. */
const DRAIN_MS = 30_000;

/**
 * A clean stop: no new connection and no new request, running answers end within a bound, then every connection is closed. Without it an
 * idle client connection would keep the process up until its keep-alive time is over.
 */
@Injectable()
export class GracefulStop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Set<ServerResponse>();
  private drained: (() => void) | undefined;

  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    this.server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      this.running.add(response);
      response.once('close', () => {
        this.running.delete(response);
        if (this.running.size === 0) this.drained?.();
      });
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.server.close();
    for (const response of this.running) response.shouldKeepAlive = false;
    if (this.running.size > 0) await this.drain();
    this.server.closeAllConnections();
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

  private get server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }
}
