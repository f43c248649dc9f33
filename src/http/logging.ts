import { LoggerModule } from 'nestjs-pino';
import { destination } from 'pino';
import { redacted } from '../errors/redacted.js';

const output = destination(1);

/**
 * JSON lines on standard output. Requests are not logged, so that nothing of them can be: they are the audit's. Each line passes one place
 * that takes out what may be a secret, whoever wrote it there, a library's error among others.
 */
export const logging = LoggerModule.forRoot({
  pinoHttp: [{ autoLogging: false }, { write: (line: string) => void output.write(redacted(line)) }],
  // No logger of its own for each request: the storage that carries it costs every promise of the request a seventh of its time.
  forRoutes: [],
});
