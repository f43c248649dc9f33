import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CallFeed } from '../calls/call-feed.js';
import type { CodedError } from '../errors/coded-error.js';
import { errorTable } from './error-table.js';
import { codedErrorFrom, openAiErrorBody } from './open-ai-error.js';
import { refusedCall } from './refused-call.js';

/** Every error of every path, as OpenAI's error body with the status of the table. */
@Catch()
export class OpenAiErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(OpenAiErrorFilter.name);

  constructor(private readonly feed: CallFeed) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request & { id?: string }>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = codedErrorFrom(thrown);
    this.logFault(request.id, error);
    const refused = refusedCall(request, error.code);
    if (refused) this.feed.tell(refused);
    if (response.headersSent || response.destroyed) return void response.destroy();
    const { status, shouldRetry } = errorTable[error.code];
    if (shouldRetry === false) response.setHeader('x-should-retry', 'false');
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(error.retryAfterSeconds));
    response.status(error.sellerStatus ?? status).json(openAiErrorBody(error));
  }

  /** Refusals are the audit's; what went wrong inside is the log's, with its cause. */
  private logFault(requestId: string | undefined, { code, cause, stack }: CodedError): void {
    if (cause === undefined && code !== 'internal_error') return;
    this.logger.error({ requestId }, `${code}: ${cause instanceof Error ? cause.stack : stack}`);
  }
}
