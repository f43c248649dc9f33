import { LoggerModule } from 'nestjs-pino';
import { destination, type DestinationStream, type LoggerOptions, stdTimeFunctions } from 'pino';
import { Configuration } from '../configuration/configuration.js';
import { redacted } from '../errors/redacted.js';
import { readableLine } from './readable-line.js';

/** Where Nest tells at every start, in some sixty lines, what it has put together. */
const START_CONTEXTS: readonly unknown[] = ['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication'];
const INFO = 30;

/**
 * Lines on standard output: JSON, or readable on a terminal. Neither requests nor answers are handed to the logger, so that nothing of them
 * can be in a line: `CallLog` writes one for each call, out of facts. Each line passes one place that takes out what may be a secret, whoever
 * wrote it there, a library's error among others.
 */
export const logging = LoggerModule.forRootAsync({
  inject: [Configuration],
  useFactory: ({ logLevel, logFormat }: Configuration) => {
    const options = { ...OPTIONS, level: logLevel, autoLogging: false };
    return {
      pinoHttp: [options, logFormat === 'pretty' ? readableOutput : jsonOutput],
      // No logger of its own for each request: the storage that carries it costs every promise of the request a seventh of its time.
      forRoutes: [],
    };
  },
});

const OPTIONS = {
  base: null,
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
  hooks: {
    logMethod(args, method, level) {
      const [facts] = args as [unknown];
      const isOfStart = level === INFO && START_CONTEXTS.includes((facts as { context?: unknown } | undefined)?.context);
      if (isOfStart) this.debug(...args);
      else method.apply(this, args);
    },
  },
} satisfies LoggerOptions;

/**
 * Lines are gathered for so long, or to so many bytes, and written together: each write wakes a thread of its own, which takes longer than all else about a
 * line. What is gathered is written when the process ends, too; `kill -9` takes it. The audit is the record.
 */
const GATHERED_MS = 50;
const GATHERED_BYTES = 8192;

const output = destination({ dest: 1, minLength: GATHERED_BYTES });
let writing: NodeJS.Timeout | undefined;

function print(text: string): void {
  output.write(text);
  writing ??= setTimeout(() => {
    writing = undefined;
    output.flush();
  }, GATHERED_MS).unref();
}

const jsonOutput: DestinationStream = { write: (line) => print(redacted(line)) };
const readableOutput: DestinationStream = { write: (line) => print(readableLine(redacted(line))) };
