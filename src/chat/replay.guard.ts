import { hash } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { AuditLog } from '../audit/audit-log.js';
import { CallFeed } from '../calls/call-feed.js';
import type { FinishedCall } from '../calls/finished-call.js';
import { CodedError } from '../errors/coded-error.js';
import type { ChatHttpRequest } from './chat-http-request.js';
import { type RequestIdentity, SharedAnswers } from './shared-answers.js';

/**
 * Lets a request that is the same as one before share its answer, so that nobody pays twice for one request: by its `Idempotency-Key`,
 * else by its body. It comes before the guard that places the hold, which such a request does not need.
 */
@Injectable()
export class ReplayGuard implements CanActivate {
  private readonly logger = new Logger(ReplayGuard.name);

  constructor(
    private readonly answers: SharedAnswers,
    private readonly audit: AuditLog,
    private readonly feed: CallFeed,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp().getRequest<ChatHttpRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const bodyHash = hash('sha256', http.sellerBody, 'base64');
    const identity = { client: http.order.client?.name, key: keyOf(http), bodyHash };
    while (!response.destroyed) {
      const { answer, isNew } = this.answers.find(identity);
      http.answer = answer;
      answer.enter();
      response.once('close', () => answer.leave());
      if (isNew) {
        response.once('close', () => answer.giveUp());
        return true;
      }
      const purchase = await answer.begun;
      if (!purchase) continue; // its buyer gave up: the next in line buys
      http.purchase = purchase;
      this.tell(http, purchase.order.requestId);
      response.once('close', () => this.feed.tell(replayedCall(http)));
      response.setHeader('x-blockrun-proxy-replay-of', purchase.order.requestId);
      return true;
    }
    throw new CodedError('client_closed_request', 'The client left before the answer.');
  }

  /** No money moves, so a line that cannot be written is no reason to refuse. */
  private tell({ id: requestId, order: { model, streamed, client } }: ChatHttpRequest, replayOf: string): void {
    this.audit
      .record({ event: 'answer_replayed', model, streamed, requestId, client: client?.name, replayOf })
      .catch((error: unknown) => this.logger.error(`The replay of ${replayOf} is not in the audit: ${String(error)}`));
  }
}

function replayedCall({ order }: ChatHttpRequest): FinishedCall {
  const { requestId: id, receivedAt, model, streamed, client } = order;
  return {
    id,
    endedAt: new Date(),
    model,
    client: client?.name,
    streamed,
    state: 'replayed',
    code: undefined,
    priceMicroUsd: 0n,
    transaction: undefined,
    totalMs: performance.now() - receivedAt,
    times: {},
  };
}

function keyOf({ headers }: ChatHttpRequest): RequestIdentity['key'] {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new CodedError('invalid_request', 'Invalid Idempotency-Key: it must be 1 to 255 printable characters without spaces.', {
    param: 'Idempotency-Key',
  });
}
