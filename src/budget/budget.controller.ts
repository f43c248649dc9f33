import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { Client } from '../configuration/client.js';
import { BudgetOverview } from './budget-overview.js';
import type { BudgetStatus } from './budget-status.js';

/** `GET /v1/budget`: today's allowance and what of it is used. A client that has a token of its own sees no other client's. */
@Controller('v1/budget')
export class BudgetController {
  constructor(private readonly budget: BudgetOverview) {}

  @Get()
  status(@Req() { knownClient }: Request & { knownClient?: Client | undefined }): Promise<BudgetStatus> {
    return this.budget.status(knownClient?.tokenDigest && knownClient);
  }
}
