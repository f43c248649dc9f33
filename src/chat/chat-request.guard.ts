import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ModelCatalog } from '../models/model-catalog.js';
import type { ChatHttpRequest } from './chat-http-request.js';
import { readChatRequest } from './chat-request.js';
import { expectedPrice } from './expected-price.js';
import { sellerBody } from './seller-body.js';

/** Lets valid requests for allowed models through. It comes before the guard that places the hold: an invalid request holds nothing. */
@Injectable()
export class ChatRequestGuard implements CanActivate {
  constructor(private readonly models: ModelCatalog) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp().getRequest<ChatHttpRequest>();
    const chatRequest = readChatRequest(http.body);
    const allowed = this.models.allowed(chatRequest.model);
    http.chatRequest = chatRequest;
    http.sellerBody = sellerBody(http.bodyText, chatRequest, allowed);
    http.estimateMicroUsd = expectedPrice({ request: chatRequest, body: http.sellerBody }, allowed.described);
    http.order = {
      requestId: http.id,
      receivedAt: http.receivedAt,
      model: allowed.model.id,
      streamed: chatRequest.isStreamed,
      client: http.knownClient,
    };
    return true;
  }
}
