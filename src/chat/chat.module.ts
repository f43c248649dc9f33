import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { BudgetModule } from '../budget/budget.module.js';
import { CallsModule } from '../calls/calls.module.js';
import { ModelsModule } from '../models/models.module.js';
import { PaymentModule } from '../payment/payment.module.js';
import { ChatController } from './chat.controller.js';
import { ChatRequestGuard } from './chat-request.guard.js';
import { ChatService } from './chat.service.js';
import { PurchaseGuard } from './purchase.guard.js';
import { ReplayGuard } from './replay.guard.js';
import { SharedAnswers } from './shared-answers.js';
import { SseInterceptor } from './sse.interceptor.js';

@Module({
  imports: [AuditModule, BudgetModule, CallsModule, ModelsModule, PaymentModule],
  controllers: [ChatController],
  providers: [ChatService, ChatRequestGuard, PurchaseGuard, ReplayGuard, SharedAnswers, SseInterceptor],
})
export class ChatModule {}
