import { Inject, Injectable } from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import { BookingService } from '../budget/booking.service.js';
import { BudgetService } from '../budget/budget.service.js';
import { CodedError } from '../errors/coded-error.js';
import type { Challenge } from '../payment/offer.js';
import { PaymentService } from '../payment/payment.service.js';
import { Seller, type SellerAnswer, type SellerRequest } from '../payment/seller.js';
import { AnswerDelivery } from './answer-delivery.js';
import type { ChatCall } from './chat-call.js';
import { noAnswerError, rejectionError, unexpectedFault } from './seller-error.js';

/** Buys a completion: the way of a paid request, in its order. */
@Injectable()
export class ChatService {
  constructor(
    @Inject(Seller) private readonly seller: Seller,
    private readonly payment: PaymentService,
    private readonly budget: BudgetService,
    private readonly booking: BookingService,
  ) {}

  /**
   * The answer as JSON texts: one for a whole completion, one a chunk for a stream. It completes when the answer is whole, or was closed
   * in a way that a client accepts; it fails with a CodedError. Either way the purchase has been concluded before.
   *
   * Unsubscribing tells that the client has left: what is not signed yet is given up, what is signed is read to its end.
   */
  complete(call: ChatCall): Observable<string> {
    return new Observable((client) => {
      const gone = new AbortController();
      let isOver = false;
      this.buy(call, client, gone.signal)
        .finally(() => (isOver = true))
        .then(
          () => client.complete(),
          (error: unknown) => client.error(error),
        );
      return () => isOver || gone.abort();
    });
  }

  private async buy(call: ChatCall, client: Subscriber<string>, gone: AbortSignal): Promise<void> {
    const { purchase } = call;
    const order: SellerRequest = { body: call.body, streamed: call.request.isStreamed };
    try {
      const asked = await this.seller.ask(order, gone);
      if (gone.aborted) throw new CodedError('client_closed_request', 'The client left before the answer.');
      const answer = asked.kind === 'payment-required' ? await this.pay(call, order, asked.challenge, gone) : asked;
      await this.deliver(call, answer, { client, gone });
    } catch (error) {
      const fault = error instanceof CodedError ? error : unexpectedFault(purchase, error);
      purchase.concludeFailed(fault);
      throw fault;
    }
  }

  private async pay({ purchase }: ChatCall, order: SellerRequest, challenge: Challenge, gone: AbortSignal): Promise<SellerAnswer> {
    const verdict = await this.payment.judge(challenge, purchase.placed.hold.amountMicroUsd);
    switch (verdict.kind) {
      case 'refused':
        throw new CodedError(verdict.code, verdict.message);
      case 'too-dear':
        throw await this.budget.priceRefusal(purchase, verdict.priceMicroUsd);
      case 'chosen': {
        const { offer, signed, authorization } = await this.payment.prepare(verdict.offer);
        if (gone.aborted) throw new CodedError('client_closed_request', 'The client left before the payment.');
        await this.booking.sign(purchase, authorization);
        return this.seller.pay(order, { offer, signed });
      }
      default:
        return verdict satisfies never;
    }
  }

  private async deliver(call: ChatCall, answer: SellerAnswer, to: { client: Subscriber<string>; gone: AbortSignal }): Promise<void> {
    const { purchase } = call;
    if (answer.kind === 'payment-required') throw noAnswerError(purchase, 'it asked for a payment twice');
    purchase.receipt = answer.proof.receipt;
    switch (answer.kind) {
      case 'completion':
      case 'stream':
        return new AnswerDelivery(call, to).deliver(answer);
      case 'rejection':
        throw rejectionError(answer.rejection, purchase);
      case 'no-answer':
        throw noAnswerError(purchase, answer.reason);
      default:
        return answer satisfies never;
    }
  }
}
