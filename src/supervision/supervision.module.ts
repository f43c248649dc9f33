import { Module } from '@nestjs/common';
import { BudgetModule } from '../budget/budget.module.js';
import { ServiceManager } from './service-manager.js';
import { SupervisionService } from './supervision.service.js';

@Module({ imports: [BudgetModule], providers: [ServiceManager, SupervisionService], exports: [SupervisionService] })
export class SupervisionModule {}
