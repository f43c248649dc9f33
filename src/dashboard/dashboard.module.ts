import { Module } from '@nestjs/common';
import { BudgetModule } from '../budget/budget.module.js';
import { CallsModule } from '../calls/calls.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { HealthModule } from '../health/health.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PayeePinsModule } from '../payment/payee-pins.module.js';
import { PayerModule } from '../payment/payer.module.js';
import { ChainModule } from '../reconciliation/chain.module.js';
import { BudgetView } from './budget-view.js';
import { CallWatch } from './call-watch.js';
import { DashboardController } from './dashboard.controller.js';
import { DashboardService } from './dashboard.service.js';
import { PageController } from './page.controller.js';
import { PageFiles } from './page-files.js';
import { WalletView } from './wallet-view.js';

@Module({
  imports: [BudgetModule, CallsModule, ChainModule, ClockModule, HealthModule, LedgerModule, PayeePinsModule, PayerModule],
  controllers: [DashboardController, PageController],
  providers: [BudgetView, CallWatch, DashboardService, PageFiles, WalletView],
})
export class DashboardModule {}
