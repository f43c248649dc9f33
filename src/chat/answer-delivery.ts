import type { Outcome } from '../budget/purchase.js';
import { errorTextOf } from '../payment/rejection.js';
import type { SellerAnswer } from '../payment/seller.js';
import type { ChatCall } from './chat-call.js';
import { closingChunks, type CompletionChunk, completionAsChunks, hasFinished, isUsageOnly, parseChunk } from './completion-chunk.js';
import { type AnswerFault, noAnswerError } from './seller-error.js';

type Completion = Extract<SellerAnswer, { kind: 'completion' }>;
type Stream = Extract<SellerAnswer, { kind: 'stream' }>;

/** Hands one answer of the seller to the client, concludes the purchase by what came, and closes a broken stream decently. */
export class AnswerDelivery {
  /** What is known of the stream so far; the facts of the newest chunk win. */
  private last: CompletionChunk = {};
  private sent = false;
  private finished = false;

  constructor(private readonly call: ChatCall) {}

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
    const { purchase, answer } = this.call;
    const fault = await this.forward(events);
    if (fault === undefined) return purchase.conclude(this.outcomeFor(proof.notTaken));
    const error = noAnswerError(purchase, fault);
    if (!this.sent) throw error;
    // The client has a part of the answer: it gets a decent end instead of an error that would have it buy again.
    purchase.concludeFailed(error, { delivered: true });
    if (!this.finished) for (const text of closingChunks(this.last, this.call.request)) answer.next(text);
  }

  /** Passes events on as they come. Returns why the stream is broken, or undefined when it is whole. */
  private async forward(events: AsyncIterable<string>): Promise<AnswerFault | undefined> {
    const { answer, purchase, request } = this.call;
    try {
      for await (const data of events) {
        const chunk = parseChunk(data);
        const error = errorTextOf(chunk);
        if (error !== undefined) return { reason: 'an error inside the stream', said: error };
        this.note(chunk);
        // What is paid is read to its end: the seller and the books see a whole answer, and a client that asks again gets it.
        if (answer.gone.aborted && !purchase.signed) return { reason: 'the client left' };
        if (isUsageOnly(chunk) && !request.wantsUsage) continue;
        this.sent = true;
        answer.next(data);
        await answer.ready();
      }
    } catch (error) {
      // Cut after its finish reason: the answer itself is whole.
      if (!this.finished) return { reason: error instanceof Error ? error.message : String(error) };
    }
    return this.finished ? undefined : { reason: 'the stream ended without a finish reason' };
  }

  private note(chunk: CompletionChunk): void {
    const { id = this.last.id, created = this.last.created, model = this.last.model, usage } = chunk;
    this.last = { id, created, model, usage: usage ?? this.last.usage };
    this.finished ||= hasFinished(chunk);
  }

  private outcomeFor(notTaken: string | undefined): Outcome {
    const { signed, receipt, sellerSays } = this.call.purchase;
    if (!signed) return { kind: 'free' };
    return notTaken === undefined ? { kind: 'settled', receipt } : { kind: 'unresolved', delivered: true, sellerSays, reason: notTaken };
  }
}
