import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';

/** An idle client connection is kept longer than clients keep theirs, so that the proxy never closes one that is just being used again. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** For the request itself, body included; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The HTTP side of the application, for the server that is started and for tests alike. */
export function configureHttp(app: NestExpressApplication): NestExpressApplication {
  app.disable('x-powered-by');
  app.disable('etag'); // would hash every answer, and nothing here is cached
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  const server = app.getHttpServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return app;
}

/** The whole application, ready to listen. @throws ConfigurationError | CodedError with what to do */
export async function createApplication(): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(await AppModule.forRoot(), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  return configureHttp(app);
}
