import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { BookingService } from './booking.service.js';
import { BudgetController } from './budget.controller.js';
import { BudgetService } from './budget.service.js';
import { CostBookingInterceptor } from './cost-booking.interceptor.js';
import { DailyCapGuard } from './daily-cap.guard.js';

@Module({
  imports: [AuditModule, ClockModule, LedgerModule],
  controllers: [BudgetController],
  providers: [BookingService, BudgetService, DailyCapGuard, CostBookingInterceptor],
  exports: [BookingService, BudgetService, DailyCapGuard, CostBookingInterceptor],
})
export class BudgetModule {}
