import { Inject, Injectable } from '@nestjs/common';
import { BookingService } from '../budget/booking.service.js';
import { BudgetService } from '../budget/budget.service.js';
import { timed } from '../calls/finished-call.js';
import { reach } from '../crash/crash-points.js';
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
   * Begins to buy the call's answer: JSON texts, one for a whole completion, one a chunk for a stream. It ends when it is whole, or was closed
   * in a way that a client accepts, or with a CodedError. Either way the purchase has been concluded before, and is booked.
   *
   * When every client that wants it has left, what is not signed yet is given up, and what is signed is read to its end.
   * @throws CodedError client_closed_request when the hold went back already
   */
  begin(call: ChatCall): void {
    if (!call.purchase.claim()) throw new CodedError('client_closed_request', 'The client left, and its hold went back.');
    void this.bring(call);
  }

  private async bring(call: ChatCall): Promise<void> {
    const { answer, purchase } = call;
    answer.begin(purchase);
    const error = await this.buy(call).then(
      () => undefined,
      (fault: CodedError) => fault,
    );
    // What the seller failed at without charging may be tried again; for everything else that was signed, again would be twice.
    const isBought = purchase.signed !== undefined && (error === undefined || error.code === 'payment_unresolved');
    answer.finish(error ? { error } : {}, isBought);
    // Its client may have left before anybody followed the answer.
    void this.booking.book(purchase).catch(() => undefined);
  }

  /** @throws CodedError */
  private async buy(call: ChatCall): Promise<void> {
    const { purchase } = call;
    const { gone } = call.answer;
    const order: SellerRequest = { body: call.body, streamed: call.request.isStreamed };
    try {
      const asked = await timed(purchase.times, 'quoteMs', () => this.seller.ask(order, gone));
      if (gone.aborted) throw new CodedError('client_closed_request', 'The client left before the answer.');
      await this.deliver(call, asked.kind === 'payment-required' ? await this.pay(call, order, asked.challenge) : asked);
      if (purchase.signed) reach('answer-over');
    } catch (error) {
      const fault = error instanceof CodedError ? error : unexpectedFault(purchase, error);
      purchase.concludeFailed(fault);
      throw fault;
    }
  }

  private async pay({ purchase, answer, estimateMicroUsd }: ChatCall, order: SellerRequest, challenge: Challenge): Promise<SellerAnswer> {
    const verdict = await this.payment.judge(challenge, { holdMicroUsd: purchase.placed.hold.amountMicroUsd, estimateMicroUsd });
    switch (verdict.kind) {
      case 'refused':
        throw new CodedError(verdict.code, verdict.message);
      case 'too-dear':
        throw await this.budget.priceRefusal(purchase, verdict.priceMicroUsd);
      case 'chosen': {
        reach('price-known');
        const { offer, signed, authorization } = await timed(purchase.times, 'signingMs', () => this.payment.prepare(verdict.offer));
        if (answer.gone.aborted) throw new CodedError('client_closed_request', 'The client left before the payment.');
        reach('signature-made');
        await timed(purchase.times, 'recordMs', () => this.booking.sign(purchase, authorization));
        reach('signature-on-disk');
        const paid = this.seller.pay(order, { offer, signed });
        reach('payment-leaving');
        return paid;
      }
      default:
        return verdict satisfies never;
    }
  }

  private async deliver(call: ChatCall, answer: SellerAnswer): Promise<void> {
    const { purchase } = call;
    if (answer.kind === 'payment-required') throw noAnswerError(purchase, { reason: 'it asked for a payment twice' });
    if (purchase.signed) reach('answer-begun');
    const { receipt, notTaken } = answer.proof;
    purchase.receipt = receipt;
    const isNotCharged = notTaken !== undefined || (answer.kind === 'rejection' && answer.rejection.notCharged);
    purchase.sellerSays = isNotCharged ? 'not-charged' : undefined;
    switch (answer.kind) {
      case 'completion':
      case 'stream':
        await call.followed;
        return new AnswerDelivery(call).deliver(answer);
      case 'rejection':
        throw rejectionError(answer.rejection, purchase);
      case 'no-answer':
        throw noAnswerError(purchase, answer);
      default:
        return answer satisfies never;
    }
  }
}
