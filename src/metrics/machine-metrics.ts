import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Clock, utcDay } from '../clock/clock.js';
import { LedgerReader } from '../ledger/ledger-reader.js';
import type { Usage } from '../ledger/usage.js';
import { usdNumber } from '../money/micro-usd.js';
import { MetricsRegistry } from './metrics-registry.js';

const LABEL = 'machine';

/** What each machine on the ledger has bought today (UTC): every proxy tells it of all of them. What cannot be read is left out. */
@Injectable()
export class MachineMetrics {
  private readonly logger = new Logger(MachineMetrics.name);
  private readonly gauges: readonly { gauge: Gauge<typeof LABEL>; valueOf: (usage: Usage) => number }[];

  constructor(
    registry: MetricsRegistry,
    private readonly reader: LedgerReader,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry], labelNames: [LABEL] });
    this.gauges = [
      { gauge: gauge('blockrun_machine_spent_usd', 'Spent today by a machine.'), valueOf: (usage) => usdNumber(usage.spentMicroUsd) },
      {
        gauge: gauge('blockrun_machine_in_flight_usd', 'Set aside today for the calls of a machine whose outcome is still expected.'),
        valueOf: (usage) => usdNumber(usage.inFlightMicroUsd),
      },
      {
        gauge: gauge('blockrun_machine_unresolved_usd', 'Payments of a machine today whose outcome nobody knows.'),
        valueOf: (usage) => usdNumber(usage.unresolvedMicroUsd),
      },
      {
        gauge: gauge('blockrun_machine_calls', 'Calls of a machine today that were paid, or answered for nothing.'),
        valueOf: ({ calls }) => calls,
      },
    ];
  }

  async read(): Promise<void> {
    for (const { gauge } of this.gauges) gauge.reset(); // a machine of yesterday is no longer told
    try {
      const rows = await this.reader.machinesOn(utcDay(this.clock.now()));
      for (const { label, usage } of rows) for (const { gauge, valueOf } of this.gauges) gauge.set({ machine: label }, valueOf(usage));
    } catch (error) {
      this.logger.warn(`The metrics come without the machines: ${String(error)}`);
    }
  }
}
