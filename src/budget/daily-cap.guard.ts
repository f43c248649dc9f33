import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CodedError } from '../errors/coded-error.js';
import { BookingService } from './booking.service.js';
import { BudgetService } from './budget.service.js';
import type { Order, Purchase } from './purchase.js';

/** What the guard before this one leaves on the request, and what this one leaves there. */
export interface PurchaseRequest extends Request {
  order: Order;
  /** Set before this guard where the request shares the purchase of another, and needs no hold of its own. */
  purchase: Purchase;
}

/**
 * Sets money aside under the daily cap before anything is asked of the seller. It is the last guard that refuses: one after it that did
 * would leave the hold behind, since interceptors then do not run. A client that leaves before the purchase begins leaves none.
 */
@Injectable()
export class DailyCapGuard implements CanActivate {
  constructor(
    private readonly budget: BudgetService,
    private readonly booking: BookingService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<PurchaseRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    if (sharesPurchase(request)) return true;
    const purchase = await this.budget.place(request.order, () => response.destroyed);
    request.purchase = purchase;
    if (response.destroyed) {
      this.booking.abandon(purchase);
      throw new CodedError('client_closed_request', 'The client left while its hold was placed.');
    }
    response.once('close', () => this.booking.abandon(purchase));
    return true;
  }
}

/** Whether the request gets its answer out of another request's purchase. */
export function sharesPurchase({ order, purchase }: { order: Order; purchase?: Purchase }): boolean {
  return purchase !== undefined && purchase.order.requestId !== order.requestId;
}
