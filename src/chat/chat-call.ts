import type { Purchase } from '../budget/purchase.js';
import type { MicroUsd } from '../money/micro-usd.js';
import type { ChatRequest } from './chat-request.js';
import type { SharedAnswer } from './shared-answer.js';

/** One validated request with its answer, and the purchase that pays for it. */
export interface ChatCall {
  request: ChatRequest;
  /** The body that goes to the seller. */
  body: Buffer;
  /** What it should cost at the most by the list price of its model; undefined where that is not known. */
  estimateMicroUsd: MicroUsd | undefined;
  purchase: Purchase;
  answer: SharedAnswer;
  /** Undefined while the client can take more; else resolves when it can again. */
  clientReady: () => Promise<void> | undefined;
}
