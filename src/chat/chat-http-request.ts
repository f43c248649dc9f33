import type { Request } from 'express';
import type { Order, Purchase } from '../budget/purchase.js';
import type { Client } from '../configuration/client.js';
import type { MicroUsd } from '../money/micro-usd.js';
import type { ChatCall } from './chat-call.js';
import type { ChatRequest } from './chat-request.js';
import type { SharedAnswer } from './shared-answer.js';

/** What the guards and interceptors of a chat completion leave on the request for those that come after them, in their order. */
export interface ChatHttpRequest extends Request {
  /** The id that `RequestIdMiddleware` gave it. */
  id: string;
  /** Whose it is, as `LocalAccessMiddleware` has found out. */
  knownClient: Client | undefined;
  /** The body as the client wrote it, which `JsonBodyMiddleware` has also parsed into `body`. */
  bodyText: string;
  /** When it came in, by `performance.now()`. */
  receivedAt: number;
  /** The request guard: what is asked for. */
  chatRequest: ChatRequest;
  sellerBody: Buffer;
  estimateMicroUsd: MicroUsd | undefined;
  order: Order;
  /** The replay guard: the answer that it gets; one that it shares comes with its purchase. */
  answer: SharedAnswer;
  /** The daily-cap guard: what was set aside for it. */
  purchase: Purchase;
  /** The purchase guard: all of this together, as it is being bought. */
  call: ChatCall;
  /** The SSE interceptor, on streams. */
  clientReady?: () => Promise<void> | undefined;
}
