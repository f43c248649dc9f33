import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { Observable, tap } from 'rxjs';
import { formatUsd } from '../money/micro-usd.js';
import { BookingService } from './booking.service.js';
import { type PurchaseRequest, sharesPurchase } from './daily-cap.guard.js';
import type { Purchase } from './purchase.js';

/**
 * Books the actual cost, once, when the answer really ends: before the client has its last byte when it ends or fails, and in the
 * background when the client has left. The cost is in the headers, since the price is known before the first byte.
 */
@Injectable()
export class CostBookingInterceptor implements NestInterceptor {
  constructor(private readonly booking: BookingService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<PurchaseRequest>();
    const { purchase } = request;
    const isShared = sharesPurchase(request);
    const response = context.switchToHttp().getResponse<Response>();
    // A booking that cannot be written is logged by the service, and its hold keeps counting: the client still gets what was paid for.
    const book = () => this.booking.book(purchase).catch(() => undefined);
    return new Observable((client) => {
      const answer = next
        .handle()
        .pipe(tap(() => setCostHeaders(response, purchase, isShared)))
        .subscribe({
          next: (part) => client.next(part),
          error: (error: unknown) => void book().then(() => client.error(error)),
          complete: () => void book().then(() => client.complete()),
        });
      return () => {
        answer.unsubscribe();
        void book();
      };
    });
  }
}

/** A shared answer costs nothing more; its payment is the other request's. */
function setCostHeaders(response: Response, { placed, signed, receipt }: Purchase, isShared: boolean): void {
  if (response.headersSent) return;
  const cost = signed?.hold.amountMicroUsd ?? 0n;
  response.setHeader('x-blockrun-proxy-booked-cost-usd', formatUsd(isShared ? 0n : cost));
  const { totals } = signed ?? placed;
  response.setHeader('x-blockrun-proxy-spent-today-usd', formatUsd(totals.spentMicroUsd + cost));
  if (receipt) response.setHeader('x-blockrun-proxy-payment-tx', receipt.transaction);
}
