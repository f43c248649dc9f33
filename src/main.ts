#!/usr/bin/env -S node --max-old-space-size=512
import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { createApplication } from './application.js';
import { Configuration, ConfigurationError } from './configuration/configuration.js';
import { CodedError } from './errors/coded-error.js';

try {
  const app = await createApplication();
  const { host, port } = app.get(Configuration);
  await app.listen(port, host);
  new Logger('Proxy').log(`listening on ${await app.getUrl()}`);
} catch (error) {
  const isExpected = error instanceof ConfigurationError || error instanceof CodedError || isListenError(error);
  process.stderr.write(`${isExpected ? (error as Error).message : String((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
}

function isListenError(error: unknown): boolean {
  return (error as NodeJS.ErrnoException)?.syscall === 'listen';
}
