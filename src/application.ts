import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { Configuration } from './configuration/configuration.js';
import { LeanExpressAdapter } from './http/lean-express-adapter.js';

/** An idle client connection is kept longer than clients keep theirs, so that the proxy never closes one that is just being used again. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** For the request itself, body included; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;

/** How often a connection is looked at for being too slow. */
const CHECK_EVERY_MS = 5000;
/** More clients than any machine's agents are; each connection costs memory, and has its time. */
const MAX_CONNECTIONS = 1024;

/** The HTTP side of the application, for the server that is started and for tests alike. */
export function configureHttp(app: NestExpressApplication): NestExpressApplication {
  app.disable('x-powered-by');
  app.disable('etag'); // would hash every answer, and nothing here is cached
  matchPathsExactly(app);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  const server: Server & { connectionsCheckingInterval?: number } = app.getHttpServer();
  server.connectionsCheckingInterval = CHECK_EVERY_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  // Longer than any answer may take: a connection on which nothing moved for so long is nobody's.
  server.timeout = app.get(Configuration).maxAnswerMs + REQUEST_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxHeadersCount = 0; // their size is bounded; above a count Node would drop some of them without a word, and with them what they say
  return app;
}

/**
 * A path is the one that is written down, letter by letter: no other capitals, no slash behind it. Express' own settings for it come too
 * late, since Nest has had the router made by then; the router looks at these when routes are added, which is later.
 */
function matchPathsExactly(app: NestExpressApplication): void {
  Object.assign(app.getHttpAdapter().getInstance().router, { caseSensitive: true, strict: true });
}

/** The whole application, ready to listen. @throws ConfigurationError | CodedError with what to do */
export async function createApplication(): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(await AppModule.forRoot(), new LeanExpressAdapter(), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  return configureHttp(app);
}
