import { Module } from '@nestjs/common';
import { BudgetModule } from '../budget/budget.module.js';
import { ModelsModule } from '../models/models.module.js';
import { PaymentModule } from '../payment/payment.module.js';
import { ChatController } from './chat.controller.js';
import { ChatRequestGuard } from './chat-request.guard.js';
import { ChatService } from './chat.service.js';
import { SseInterceptor } from './sse.interceptor.js';

@Module({
  imports: [BudgetModule, ModelsModule, PaymentModule],
  controllers: [ChatController],
  providers: [ChatService, ChatRequestGuard, SseInterceptor],
})
export class ChatModule {}
