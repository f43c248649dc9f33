import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CallsModule } from '../calls/calls.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { BookingNews } from './booking-news.js';
import { BookingService } from './booking.service.js';
import { BudgetController } from './budget.controller.js';
import { BudgetHealth } from './budget-health.js';
import { BudgetOverview } from './budget-overview.js';
import { BudgetService } from './budget.service.js';
import { CostBookingInterceptor } from './cost-booking.interceptor.js';
import { DailyCapGuard } from './daily-cap.guard.js';
import { HoldRefusals } from './hold-refusals.js';
import { PauseFile } from './pause-file.js';

@Module({
  imports: [AuditModule, CallsModule, ClockModule, LedgerModule],
  controllers: [BudgetController],
  providers: [
    BookingNews,
    BookingService,
    BudgetHealth,
    BudgetOverview,
    BudgetService,
    CostBookingInterceptor,
    DailyCapGuard,
    HoldRefusals,
    PauseFile,
  ],
  exports: [BookingService, BudgetHealth, BudgetOverview, BudgetService, CostBookingInterceptor, DailyCapGuard, PauseFile],
})
export class BudgetModule {}
