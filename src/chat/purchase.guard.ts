import { setImmediate } from 'node:timers/promises';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { ChatCall } from './chat-call.js';
import type { ChatHttpRequest } from './chat-http-request.js';
import { ChatService } from './chat.service.js';

/**
 * Begins to buy as soon as the hold is there: until Nest has gone through the interceptors to the handler, the question is on its way. It comes after
 * the guard that places the hold, and refuses only a request whose client has left, and whose hold went back.
 */
@Injectable()
export class PurchaseGuard implements CanActivate {
  constructor(private readonly chat: ChatService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp().getRequest<ChatHttpRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const call = new ChatCall(http);
    http.call = call;
    if (call.answer.hasBegun) return true; // it shares what another request buys
    response.once('close', () => call.leave());
    this.chat.begin(call);
    // The seller's client looks first whether its idle connection still stands, and sends in the next phase of the event loop.
    await setImmediate();
    return true;
  }
}
