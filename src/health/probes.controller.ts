import { Controller, Get, HttpException, Res } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import type { Response } from 'express';
import { HealthService } from './health.service.js';

const NAMES = ['spending', 'ledger', 'audit'] as const;

/**
 * `GET /health/live`: 200 while the process answers at all; who gets none may restart it. `GET /health/ready`: 200 while payments are
 * possible, else 503 with what each check says; a restart would not help. A used-up day is no reason: it is answered as such.
 */
@Controller('health')
export class ProbesController {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly health: HealthService,
  ) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult> {
    const found = await this.health.checks();
    const indicate = (name: (typeof NAMES)[number]) => () => {
      const indicator = this.indicators.check(name);
      const fault = found[name];
      return fault ? indicator.down({ code: fault.code, reason: fault.message }) : indicator.up();
    };
    try {
      return await this.terminus.check(NAMES.map(indicate));
    } catch (error) {
      // Terminus tells what is down by an exception, whose answer would be an OpenAI error: a probe wants the result itself.
      if (!(error instanceof HttpException)) throw error;
      response.status(error.getStatus());
      return error.getResponse() as HealthCheckResult;
    }
  }
}
