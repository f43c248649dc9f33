import type { Outcome } from '../budget/purchase.js';
import { errorTextOf } from '../payment/rejection.js';
import type { SellerAnswer } from '../payment/seller.js';
import type { ChatCall } from './chat-call.js';
import { bringsText, closingChunks, completionAsChunks, isUsageOnly, lateUsage, parseChunk } from './completion-chunk.js';
import { type AnswerFault, noAnswerError } from './seller-error.js';
import { StreamProgress } from './stream-progress.js';
import { reasonOf } from '../errors/reason-of.js';

type Completion = Extract<SellerAnswer, { kind: 'completion' }>;
type Stream = Extract<SellerAnswer, { kind: 'stream' }>;

/** Hands one answer of the seller to the client, concludes the purchase by what came, and closes a broken stream decently. */
export class AnswerDelivery {
  private readonly progress: StreamProgress;
  private sent = false;

  constructor(private readonly call: ChatCall) {
    this.progress = new StreamProgress(call.request.n ?? 1);
  }

  async deliver(answer: Completion | Stream): Promise<void> {
    if (answer.kind === 'completion') this.deliverWhole(answer);
    else await this.deliverStream(answer);
  }

  private deliverWhole({ json, value, proof }: Completion): void {
    const { request, purchase, answer } = this.call;
    const error = errorTextOf(value);
    if (error !== undefined) throw noAnswerError(purchase, { reason: 'an error inside the answer', said: error });
    const texts = request.isStreamed ? completionAsChunks(json, request) : [json];
    purchase.conclude(this.outcomeFor(proof.notTaken));
    for (const text of texts) answer.next(text);
  }

  private async deliverStream({ events, proof }: Stream): Promise<void> {
    const { purchase, answer, request } = this.call;
    const fault = await this.forward(events);
    if (fault === undefined) {
      for (const text of lateUsage(this.progress, request)) answer.next(text);
      return purchase.conclude(this.outcomeFor(proof.notTaken));
    }
    const error = noAnswerError(purchase, fault);
    if (!this.sent) throw error;
    // The client has a part of the answer: it gets a decent end instead of an error that would have it buy again.
    purchase.concludeFailed(error, { delivered: true });
    for (const text of closingChunks(this.progress, request)) answer.next(text);
  }

  /** Passes events on as they come. Returns why the stream is broken, or undefined when it is whole. */
  private async forward(events: AsyncIterable<string>): Promise<AnswerFault | undefined> {
    const { answer, purchase, request } = this.call;
    try {
      for await (const data of events) {
        const chunk = parseChunk(data);
        const error = errorTextOf(chunk);
        if (error !== undefined) return { reason: 'an error inside the stream', said: error };
        this.progress.note(chunk);
        if (purchase.times.firstTokenMs === undefined && bringsText(chunk))
          purchase.times.firstTokenMs = performance.now() - purchase.order.receivedAt;
        // What is paid is read to its end: the seller and the books see a whole answer, and a client that asks again gets it.
        if (answer.gone.aborted && !purchase.signed) return { reason: 'the client left' };
        if (isUsageOnly(chunk) && !request.wantsUsage) continue;
        this.sent = true;
        answer.next(data);
        await answer.ready();
      }
    } catch (error) {
      // Cut after its finish reasons: the answer itself is whole.
      if (this.progress.unfinished.length > 0) return { reason: reasonOf(error) };
    }
    return this.progress.isWhole ? undefined : { reason: 'the stream ended without a finish reason' };
  }

  private outcomeFor(notTaken: string | undefined): Outcome {
    const { signed, receipt, sellerSays } = this.call.purchase;
    if (!signed) return { kind: 'free' };
    return notTaken === undefined ? { kind: 'settled', receipt } : { kind: 'unresolved', delivered: true, sellerSays, reason: notTaken };
  }
}
