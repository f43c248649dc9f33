import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { lastValueFrom, toArray } from 'rxjs';
import { Purchase } from '../../../src/budget/purchase.js';
import type { ChatHttpRequest } from '../../../src/chat/chat-http-request.js';
import { ChatService } from '../../../src/chat/chat.service.js';
import { PurchaseGuard } from '../../../src/chat/purchase.guard.js';
import { SharedAnswer } from '../../../src/chat/shared-answer.js';
import type { SellerAnswer } from '../../../src/payment/seller.js';
import { bookingOn } from '../../support/booking-on.js';
import { held } from '../../support/room.js';

const TEXT = '{"choices":[]}';
const WHOLE: SellerAnswer = { kind: 'completion', json: TEXT, value: { choices: [] }, proof: {} };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the guard that begins to buy', () => {
  const release = jest.fn<(holdId: string, outcome: object) => Promise<object>>();
  const ask = jest.fn<() => Promise<SellerAnswer>>();
  let guard: PurchaseGuard;
  let http: ChatHttpRequest;
  let response: EventEmitter;

  beforeEach(() => {
    release.mockReset().mockResolvedValue({ hold: { state: 'released' }, totals: {} });
    ask.mockReset().mockResolvedValue(WHOLE);
    const parts = [{ ask }, {}, {}, bookingOn(release)];
    guard = new PurchaseGuard(new ChatService(...(parts as unknown as ConstructorParameters<typeof ChatService>)));
    const purchase = new Purchase({ requestId: 'a', receivedAt: 0, model: 'm', streamed: false }, held('a'));
    http = { chatRequest: { isStreamed: false }, sellerBody: Buffer.from('{}'), purchase, answer: new SharedAnswer() } as never;
    http.answer.enter();
    response = new EventEmitter();
  });

  const pass = () => guard.canActivate(new ExecutionContextHost([http, response]));
  const leave = () => {
    response.emit('close');
    http.answer.leave();
  };

  it('has the seller asked before Nest goes on', async () => {
    const passing = pass();
    expect(ask).toHaveBeenCalledTimes(1);
    expect(await passing).toBe(true);
  });

  it('has what came before the handler followed it given out, once somebody does, though it is not remembered', async () => {
    await pass();
    await turn();
    expect(release).not.toHaveBeenCalled();
    expect(await lastValueFrom(http.call.follow().pipe(toArray()))).toEqual([TEXT]);
    await turn();
    expect(release).toHaveBeenCalledTimes(1);
    expect(release).toHaveBeenCalledWith('a', expect.objectContaining({ answered: true }));
  });

  it.each(['before', 'after'])(
    'leaves no hold behind where the client leaves %s the answer, and Nest never comes to the handler',
    async (when) => {
      let answer: (answer: SellerAnswer) => void = () => undefined;
      ask.mockReturnValue(new Promise((resolve) => (answer = resolve)));
      await pass();
      if (when === 'before') leave();
      answer(WHOLE);
      await turn();
      leave();
      await turn();
      expect(release).toHaveBeenCalledTimes(1);
      expect(release).toHaveBeenCalledWith('a', expect.objectContaining({ answered: when === 'after' }));
    },
  );

  it('buys nothing for a request that shares what another one buys', async () => {
    http.answer.begin(http.purchase);
    expect(await pass()).toBe(true);
    expect(ask).not.toHaveBeenCalled();
  });

  it('refuses a request whose client has left, and whose hold went back', async () => {
    http.purchase.claim();
    await expect(pass()).rejects.toMatchObject({ code: 'client_closed_request' });
    expect(ask).not.toHaveBeenCalled();
  });
});
