import { type DynamicModule, Module } from '@nestjs/common';
import { ChatModule } from './chat/chat.module.js';
import { ConfigurationModule } from './configuration/configuration.module.js';
import { DashboardModule } from './dashboard/dashboard.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { logging } from './http/logging.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { ModelListModule } from './models/model-list.module.js';
import { RecoveryModule } from './reconciliation/recovery.module.js';
import { SupervisionModule } from './supervision/supervision.module.js';

@Module({})
export class AppModule {
  /** @throws ConfigurationError when the environment has problems. */
  static async forRoot(): Promise<DynamicModule> {
    return {
      module: AppModule,
      imports: [
        await ConfigurationModule.forRoot(),
        logging,
        HttpModule,
        ChatModule,
        ModelListModule,
        HealthModule,
        MetricsModule,
        DashboardModule,
        RecoveryModule,
        SupervisionModule,
      ],
    };
  }
}
