import { defer, type Observable } from 'rxjs';
import type { Purchase } from '../budget/purchase.js';
import type { MicroUsd } from '../money/micro-usd.js';
import type { ChatHttpRequest } from './chat-http-request.js';
import type { ChatRequest } from './chat-request.js';
import type { SharedAnswer } from './shared-answer.js';

/** One validated request with its answer, and the purchase that pays for it. */
export class ChatCall {
  readonly request: ChatRequest;
  /** The body that goes to the seller. */
  readonly body: Buffer;
  /** What it should cost at the most by the list price of its model; undefined where that is not known. */
  readonly estimateMicroUsd: MicroUsd | undefined;
  readonly purchase: Purchase;
  readonly answer: SharedAnswer;
  /** Resolves once its client gets what comes, or has left: nothing that comes later is missed. */
  readonly followed: Promise<void>;
  private tellFollowed!: () => void;

  /** @param http as the guards leave it */
  constructor(private readonly http: ChatHttpRequest) {
    this.request = http.chatRequest;
    this.body = http.sellerBody;
    this.estimateMicroUsd = http.estimateMicroUsd;
    this.purchase = http.purchase;
    this.answer = http.answer;
    this.followed = new Promise((resolve) => (this.tellFollowed = resolve));
  }

  /** The answer for its client: what has come so far, then what comes. */
  follow(): Observable<string> {
    return defer(() => {
      this.tellFollowed();
      return this.answer.follow(() => this.http.clientReady?.());
    });
  }

  /** Its client has left, or has had its answer. */
  leave(): void {
    this.tellFollowed();
  }
}
