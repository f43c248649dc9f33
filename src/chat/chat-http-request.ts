import type { Request } from 'express';
import type { Order } from '../budget/purchase.js';
import type { Client } from '../configuration/client.js';
import type { ChatCall, PreparedRequest } from './chat-call.js';

/**
 * What the guards and interceptors of a chat completion leave on the request for those that come after them. The request guard reads what is
 * asked for, the replay guard finds the answer (one that is shared comes with its purchase), the daily-cap guard sets aside the purchase's hold.
 */
export interface ChatHttpRequest extends Request, PreparedRequest {
  /** The id that `RequestIdMiddleware` gave it. */
  id: string;
  /** Whose it is, as `LocalAccessMiddleware` has found out. */
  knownClient: Client | undefined;
  /** The body as the client wrote it, which `JsonBodyMiddleware` has also parsed into `body`. */
  bodyText: string;
  /** When it came in, by `performance.now()`. */
  receivedAt: number;
  /** The request guard leaves what is asked for, as the budget needs to know it. */
  order: Order;
  /** The purchase guard: what the guards before it have left, as it is being bought. */
  call: ChatCall;
}
