import { Controller, HttpCode, Post, UseGuards, UseInterceptors } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { CostBookingInterceptor } from '../budget/cost-booking.interceptor.js';
import { DailyCapGuard } from '../budget/daily-cap.guard.js';
import type { ChatCall } from './chat-call.js';
import { Call } from './chat-call.decorator.js';
import { ChatRequestGuard } from './chat-request.guard.js';
import { PurchaseGuard } from './purchase.guard.js';
import { ReplayGuard } from './replay.guard.js';
import { SseInterceptor } from './sse.interceptor.js';

/**
 * `POST /v1/chat/completions`. The guard that places the hold is the last one that may refuse; the one after it begins to buy; the
 * interceptor that books is the inner one.
 */
@Controller('v1/chat')
@UseGuards(ChatRequestGuard, ReplayGuard, DailyCapGuard, PurchaseGuard)
@UseInterceptors(SseInterceptor, CostBookingInterceptor)
export class ChatController {
  @Post('completions')
  @HttpCode(200)
  complete(@Call() call: ChatCall): Observable<string> {
    return call.follow();
  }
}
