import { Module } from '@nestjs/common';
import { BudgetModule } from '../budget/budget.module.js';
import { CallsModule } from '../calls/calls.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { HealthModule } from '../health/health.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { ModelsModule } from '../models/models.module.js';
import { StoreModule } from '../store/store.module.js';
import { CallMetrics } from './call-metrics.js';
import { LedgerMetrics } from './ledger-metrics.js';
import { MachineMetrics } from './machine-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsRegistry } from './metrics-registry.js';

@Module({
  imports: [BudgetModule, CallsModule, ClockModule, HealthModule, LedgerModule, ModelsModule, StoreModule],
  controllers: [MetricsController],
  providers: [CallMetrics, LedgerMetrics, MachineMetrics, MetricsRegistry],
})
export class MetricsModule {}
