import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { NEVER, type Observable, of, throwError } from 'rxjs';
import { CostBookingInterceptor } from '../../../src/budget/cost-booking.interceptor.js';
import { type Order, Purchase } from '../../../src/budget/purchase.js';
import { bookingOn } from '../../support/booking-on.js';
import { held } from '../../support/room.js';

const order = (requestId: string): Order => ({ requestId, receivedAt: 0, model: 'm', streamed: true });

describe('the interceptor that books', () => {
  const release = jest.fn<(holdId: string, outcome: object) => Promise<object>>();
  let purchase: Purchase;
  let interceptor: CostBookingInterceptor;

  beforeEach(() => {
    release.mockReset().mockResolvedValue({ hold: { state: 'released' }, totals: {} });
    interceptor = new CostBookingInterceptor(bookingOn(release));
    purchase = new Purchase(order('a'), held('a'));
  });

  function intercept(handled: Observable<unknown>, requestId = 'a'): Observable<unknown> {
    const request = { order: order(requestId), purchase };
    const response = Object.assign(new EventEmitter(), { setHeader: () => undefined });
    return interceptor.intercept(new ExecutionContextHost([request, response]), { handle: () => handled });
  }

  it('books where the handler could not be reached, too', async () => {
    const told = jest.fn();
    intercept(throwError(() => new Error('no handler'))).subscribe({ error: told });
    purchase.conclude({ kind: 'released', code: 'client_closed_request', reason: 'the client left' });
    await new Promise(setImmediate);
    expect(told).toHaveBeenCalledWith(new Error('no handler'));
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('leaves it to whoever buys to conclude the purchase, and books that once', async () => {
    purchase.claim();
    intercept(NEVER).subscribe().unsubscribe();
    await new Promise(setImmediate);
    expect(release).not.toHaveBeenCalled();
    purchase.conclude({ kind: 'free' });
    await new Promise(setImmediate);
    expect(release).toHaveBeenCalledTimes(1);
    expect(release).toHaveBeenCalledWith('a', expect.objectContaining({ answered: true }));
  });

  it('leaves the purchase of another request, whose answer is shared, to that one', async () => {
    intercept(NEVER, 'another').subscribe().unsubscribe();
    await new Promise(setImmediate);
    expect(release).not.toHaveBeenCalled();
  });

  it('ends the answer only when it is booked', async () => {
    let written: (booking: object) => void = () => undefined;
    release.mockReturnValue(new Promise((resolve) => (written = resolve)));
    const seen: unknown[] = [];
    purchase.claim();
    purchase.conclude({ kind: 'free' });
    intercept(of('whole')).subscribe({ next: (part) => seen.push(part), complete: () => seen.push('the end') });
    await new Promise(setImmediate);
    expect(seen).toEqual(['whole']);
    written({ hold: { state: 'released' }, totals: {} });
    await new Promise(setImmediate);
    expect(seen).toEqual(['whole', 'the end']);
  });
});
