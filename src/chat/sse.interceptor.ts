import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { catchError, concat, from, map, type Observable, of } from 'rxjs';
import { CodedError } from '../errors/coded-error.js';
import { codedErrorFrom, openAiErrorBody } from '../http/open-ai-error.js';
import type { ChatHttpRequest } from './chat-http-request.js';
import { closingChunks } from './completion-chunk.js';
import { SseBody } from './sse-body.js';
import { StreamProgress } from './stream-progress.js';

/** Clients give a silent connection up after 10 s at the earliest. */
const KEEP_ALIVE_MS = 5000;
/** A client that takes nothing for so long holds up the seller, and everybody who shares the answer: it is dropped. */
const CLIENT_STALL_MS = 60_000;
const DONE = 'data: [DONE]\n\n';

/** A line end inside an event would end it too early; in JSON, where one stands between values, it is as good as a space. */
const event = (data: string): string => `data: ${data.includes('\n') ? data.replaceAll('\n', ' ') : data}\n\n`;

/**
 * Serves the handler's JSON texts as server-sent events when the client asked for a stream, else as the JSON body. An error before the
 * first byte keeps its status (the exception filter answers); one after a keep-alive is told inside the stream.
 */
@Injectable()
export class SseInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<string>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ChatHttpRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    if (!request.chatRequest.isStreamed) {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      return next.handle();
    }
    let body: SseBody | undefined = undefined as SseBody | undefined;
    const text = concat(next.handle().pipe(map(event)), of(DONE)).pipe(
      catchError((thrown: unknown) => {
        const error = codedErrorFrom(thrown);
        if (body?.readableDidRead) return from([...lastWords(error, request), DONE]);
        response.removeHeader('content-type');
        throw error;
      }),
    );
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    response.setHeader('cache-control', 'no-cache');
    request.clientReady = () => body?.ready();
    const stream = new SseBody(text, KEEP_ALIVE_MS, CLIENT_STALL_MS);
    stream.once('stall', () => response.destroy());
    body = stream;
    if (response.destroyed) stream.leave();
    else response.once('close', () => stream.leave());
    return of(stream);
  }
}

/** What ends a stream of which only keep-alives were sent. A payment without a verdict must not look like a failure that is worth a repeat. */
function lastWords(error: CodedError, { chatRequest }: ChatHttpRequest): string[] {
  if (error.code === 'payment_unresolved') return closingChunks(new StreamProgress(chatRequest.n ?? 1), chatRequest).map(event);
  return [event(JSON.stringify(openAiErrorBody(error)))];
}
