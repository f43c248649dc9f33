import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Health, HealthService } from './health.service.js';

/** `GET /health` and `GET /v1/health`: 200 while the proxy can pay, else 503 with the reasons. */
@Controller(['health', 'v1/health'])
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  async check(@Res({ passthrough: true }) response: Response): Promise<Health> {
    const health = await this.health.check();
    response.status(health.ok ? 200 : 503);
    return health;
  }
}
