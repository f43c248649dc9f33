import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import type { CodedError } from '../errors/coded-error.js';
import { errorTable } from './error-table.js';
import { codedErrorFrom, openAiErrorBody } from './open-ai-error.js';

/** Every error of every path, as OpenAI's error body with the status of the table. */
@Catch()
export class OpenAiErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(OpenAiErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const error = codedErrorFrom(thrown);
    this.logFault(error);
    if (response.headersSent || response.destroyed) return void response.destroy();
    const { status, shouldRetry } = errorTable[error.code];
    if (shouldRetry === false) response.setHeader('x-should-retry', 'false');
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(error.retryAfterSeconds));
    response.status(error.sellerStatus ?? status).json(openAiErrorBody(error));
  }

  /** Refusals are the audit's; what went wrong inside is the log's, with its cause. */
  private logFault({ code, cause, stack }: CodedError): void {
    if (cause === undefined && code !== 'internal_error') return;
    this.logger.error(`${code}: ${cause instanceof Error ? cause.stack : stack}`);
  }
}
