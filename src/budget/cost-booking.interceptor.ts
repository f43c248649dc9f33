import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { catchError, concat, defer, EMPTY, finalize, ignoreElements, type Observable, tap, throwError } from 'rxjs';
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
    return defer(() => {
      if (purchase.claimed && !isShared) return throwError(() => new Error('the client left, and the hold went back'));
      purchase.claimed = true;
      // A booking that cannot be written is logged by the service, and its hold keeps counting: the client still gets what was paid for.
      const booked = defer(() => this.booking.book(purchase)).pipe(
        ignoreElements(),
        catchError(() => EMPTY),
      );
      return concat(next.handle().pipe(tap(() => setCostHeaders(response, purchase, isShared))), booked).pipe(
        catchError((error: unknown) =>
          concat(
            booked,
            throwError(() => error),
          ),
        ),
        finalize(() => void this.booking.book(purchase).catch(() => undefined)),
      );
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
