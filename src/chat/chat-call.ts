import { defer, type Observable } from 'rxjs';
import type { Purchase } from '../budget/purchase.js';
import type { MicroUsd } from '../money/micro-usd.js';
import type { ChatRequest } from './chat-request.js';
import type { SharedAnswer } from './shared-answer.js';

/** What the guards have found out about a request, and set aside for it. */
export interface PreparedRequest {
  chatRequest: ChatRequest;
  /** The body that goes to the seller. */
  sellerBody: Buffer;
  /** What it should cost at the most by the list price of its model; undefined where that is not known. */
  estimateMicroUsd: MicroUsd | undefined;
  purchase: Purchase;
  answer: SharedAnswer;
  /** Set on streams, after the guards: undefined while the client can take more; else resolves when it can again. */
  clientReady?: () => Promise<void> | undefined;
}

/** One validated request with its answer, and the purchase that pays for it. */
export class ChatCall {
  readonly request: ChatRequest;
  readonly body: Buffer;
  readonly estimateMicroUsd: MicroUsd | undefined;
  readonly purchase: Purchase;
  readonly answer: SharedAnswer;
  /** Resolves once its client gets what comes, or has left: nothing that comes later is missed. */
  readonly followed: Promise<void>;
  private tellFollowed!: () => void;

  constructor(private readonly prepared: PreparedRequest) {
    this.request = prepared.chatRequest;
    this.body = prepared.sellerBody;
    this.estimateMicroUsd = prepared.estimateMicroUsd;
    this.purchase = prepared.purchase;
    this.answer = prepared.answer;
    this.followed = new Promise((resolve) => (this.tellFollowed = resolve));
  }

  /** The answer for its client: what has come so far, then what comes. */
  follow(): Observable<string> {
    return defer(() => {
      this.tellFollowed();
      return this.answer.follow(() => this.prepared.clientReady?.());
    });
  }

  /** Its client has left, or has had its answer. */
  leave(): void {
    this.tellFollowed();
  }
}
