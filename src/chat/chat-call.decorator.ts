import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ChatCall } from './chat-call.js';
import type { ChatHttpRequest } from './chat-http-request.js';

/** The call that the guards have begun, as a parameter of the handler. */
export const Call = createParamDecorator(
  (_: unknown, context: ExecutionContext): ChatCall => context.switchToHttp().getRequest<ChatHttpRequest>().call,
);
