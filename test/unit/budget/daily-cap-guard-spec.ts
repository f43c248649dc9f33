import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { BudgetService } from '../../../src/budget/budget.service.js';
import { DailyCapGuard, type PurchaseRequest } from '../../../src/budget/daily-cap.guard.js';
import { Purchase } from '../../../src/budget/purchase.js';
import { bookingOn } from '../../support/booking-on.js';
import { held } from '../../support/room.js';

const ORDER = { requestId: 'a', receivedAt: 0, model: 'm', streamed: false };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the guard that places the hold', () => {
  const release = jest.fn<(holdId: string, outcome: object) => Promise<object>>();
  let response: EventEmitter & { destroyed: boolean };
  let request: PurchaseRequest;
  let leavesMeanwhile: boolean;

  beforeEach(() => {
    release.mockReset().mockResolvedValue({ hold: { state: 'released' }, totals: {} });
    response = Object.assign(new EventEmitter(), { destroyed: false });
    request = { order: ORDER } as PurchaseRequest;
    leavesMeanwhile = false;
  });

  const pass = () => {
    const place = () => {
      response.destroyed = leavesMeanwhile;
      return Promise.resolve(new Purchase(ORDER, held('a')));
    };
    const guard = new DailyCapGuard({ place } as unknown as BudgetService, bookingOn(release));
    return guard.canActivate(new ExecutionContextHost([request, response]));
  };
  const released = expect.objectContaining({
    answered: false,
    report: expect.objectContaining({ code: 'client_closed_request' }) as unknown,
  });

  it('leaves the hold to those after it', async () => {
    expect(await pass()).toBe(true);
    expect(request.purchase.holdId).toBe('a');
    await turn();
    expect(release).not.toHaveBeenCalled();
  });

  it('gives the hold back, and says why it refuses, where the client left while it was placed', async () => {
    leavesMeanwhile = true;
    await expect(pass()).rejects.toMatchObject({ code: 'client_closed_request' });
    await turn();
    expect(release.mock.calls).toEqual([['a', released]]);
  });

  it('gives the hold back where the client leaves before anybody takes the purchase over', async () => {
    await pass();
    response.emit('close');
    await turn();
    expect(release.mock.calls).toEqual([['a', released]]);
  });
});
