import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { errorTable } from './error-table.js';
import { codedErrorFrom, openAiErrorBody } from './open-ai-error.js';

/** Every error of every path, as OpenAI's error body with the status of the table. */
@Catch()
export class OpenAiErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(OpenAiErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const error = codedErrorFrom(thrown);
    if (error.code === 'internal_error') this.logger.error(error.cause instanceof Error ? error.cause.stack : error.stack);
    if (response.headersSent || response.destroyed) return void response.destroy();
    const { status, shouldRetry } = errorTable[error.code];
    if (shouldRetry === false) response.setHeader('x-should-retry', 'false');
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(error.retryAfterSeconds));
    response.status(error.sellerStatus ?? status).json(openAiErrorBody(error));
  }
}
