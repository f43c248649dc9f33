import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';

const EVENT_LOOP_PRECISION_MS = 20;

/** The metrics of one application; among them those of its process: event-loop lag, CPU, memory, open files. */
@Injectable()
export class MetricsRegistry extends Registry {
  constructor() {
    super();
    collectDefaultMetrics({ register: this, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  }
}
