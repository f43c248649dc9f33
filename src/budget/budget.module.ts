import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { BookingService } from './booking.service.js';
import { BudgetController } from './budget.controller.js';
import { BudgetOverview } from './budget-overview.js';
import { BudgetService } from './budget.service.js';
import { CostBookingInterceptor } from './cost-booking.interceptor.js';
import { DailyCapGuard } from './daily-cap.guard.js';
import { HoldRefusals } from './hold-refusals.js';
import { PauseFile } from './pause-file.js';

@Module({
  imports: [AuditModule, ClockModule, LedgerModule],
  controllers: [BudgetController],
  providers: [BookingService, BudgetOverview, BudgetService, CostBookingInterceptor, DailyCapGuard, HoldRefusals, PauseFile],
  exports: [BookingService, BudgetOverview, BudgetService, CostBookingInterceptor, DailyCapGuard, PauseFile],
})
export class BudgetModule {}
