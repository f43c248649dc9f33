import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { OperatorGuard } from '../http/operator.guard.js';
import { LedgerMetrics } from './ledger-metrics.js';
import { MachineMetrics } from './machine-metrics.js';
import { MetricsRegistry } from './metrics-registry.js';

/** `GET /metrics`, in the text format of Prometheus. */
@Controller('metrics')
@UseGuards(OperatorGuard)
export class MetricsController {
  private running: Promise<string> | undefined;

  constructor(
    private readonly registry: MetricsRegistry,
    private readonly ledger: LedgerMetrics,
    private readonly machines: MachineMetrics,
  ) {}

  @Get()
  async scrape(@Res({ passthrough: true }) response: Response): Promise<string> {
    response.setHeader('content-type', this.registry.contentType);
    // Who asks while one is made gets the same: two would set each other's figures.
    this.running ??= this.read().finally(() => (this.running = undefined));
    return this.running;
  }

  private async read(): Promise<string> {
    await this.ledger.read();
    await this.machines.read();
    return this.registry.metrics();
  }
}
