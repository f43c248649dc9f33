import { Controller, Get } from '@nestjs/common';
import type { BudgetStatus } from './budget-status.js';
import { BudgetService } from './budget.service.js';

/** `GET /v1/budget`: today's allowance and what of it is used. */
@Controller('v1/budget')
export class BudgetController {
  constructor(private readonly budget: BudgetService) {}

  @Get()
  status(): Promise<BudgetStatus> {
    return this.budget.status();
  }
}
