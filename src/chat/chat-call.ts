import type { Purchase } from '../budget/purchase.js';
import type { ChatRequest } from './chat-request.js';
import type { SharedAnswer } from './shared-answer.js';

/** One validated request with its answer, and the purchase that pays for it. */
export interface ChatCall {
  request: ChatRequest;
  /** The body that goes to the seller. */
  body: Buffer;
  purchase: Purchase;
  answer: SharedAnswer;
  /** Undefined while the client can take more; else resolves when it can again. */
  clientReady: () => Promise<void> | undefined;
}
