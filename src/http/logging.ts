import { LoggerModule } from 'nestjs-pino';

/** JSON lines on standard output. Requests are not logged, so that nothing of them can be: they are the audit's. */
export const logging = LoggerModule.forRoot({
  pinoHttp: { autoLogging: false },
  // No logger of its own for each request: the storage that carries it costs every promise of the request a seventh of its time.
  forRoutes: [],
});
