import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ChatCall } from './chat-call.js';
import type { ChatHttpRequest } from './chat-http-request.js';

/** The call that the guards have prepared, as a parameter of the handler. */
export const Call = createParamDecorator((_: unknown, context: ExecutionContext): ChatCall => {
  const http = context.switchToHttp().getRequest<ChatHttpRequest>();
  const { chatRequest: request, sellerBody: body, estimateMicroUsd, purchase, answer } = http;
  return { request, body, estimateMicroUsd, purchase, answer, clientReady: () => http.clientReady?.() };
});
