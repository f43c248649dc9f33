import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { CallFeed } from '../calls/call-feed.js';
import { CALL_STATES, type FinishedCall, type StepTimes } from '../calls/finished-call.js';
import { ModelCatalog } from '../models/model-catalog.js';
import { SqlStore } from '../store/sql-store.js';
import { MetricsRegistry } from './metrics-registry.js';

/** Stands for every model that is not on the allowlist: clients make up names, and each would be a series of its own. */
const OTHER_MODEL = 'other';

const STEP_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ANSWER_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180];

/** What became of requests since the process started, and how long their steps took. */
@Injectable()
export class CallMetrics implements OnModuleInit {
  private readonly requests: Counter<'model' | 'outcome'>;
  private readonly refusals: Counter<'reason'>;
  private readonly sync: Histogram;
  private readonly steps: Record<Exclude<keyof StepTimes, 'firstTokenMs'>, Histogram>;
  private readonly firstToken: Histogram<'model'>;
  private readonly total: Histogram<'model'>;
  private readonly models: ReadonlySet<string>;

  constructor(
    registry: MetricsRegistry,
    private readonly feed: CallFeed,
    private readonly store: SqlStore,
    catalog: ModelCatalog,
  ) {
    const registers = [registry];
    const step = (name: string, help: string) => new Histogram({ name, help, registers, buckets: STEP_BUCKETS });
    const answer = (name: string, help: string) =>
      new Histogram({ name, help, registers, buckets: ANSWER_BUCKETS, labelNames: ['model'] as const });
    this.models = new Set(catalog.all().map(({ id }) => id));
    this.requests = new Counter({
      name: 'blockrun_requests_total',
      help: 'Requests for completions that are over, by model and by how they ended.',
      labelNames: ['model', 'outcome'],
      registers,
    });
    this.refusals = new Counter({
      name: 'blockrun_refusals_total',
      help: 'Requests that were refused or failed without a payment, by the code of their error.',
      labelNames: ['reason'],
      registers,
    });
    this.steps = {
      quoteMs: step('blockrun_quote_seconds', 'Until the seller answered the unpaid request.'),
      signingMs: step('blockrun_signing_seconds', 'Until a payment was signed and checked.'),
      recordMs: step('blockrun_record_seconds', 'Until the record of a signature was on disk.'),
    };
    this.sync = step('blockrun_ledger_sync_seconds', 'Waits for the disk under the ledger; a PostgreSQL server syncs with its commits.');
    this.firstToken = answer('blockrun_first_token_seconds', 'From the arrival of a request to the first text of its stream.');
    this.total = answer('blockrun_request_seconds', 'From the arrival of a request to its booking or its refusal.');
  }

  onModuleInit(): void {
    for (const model of [...this.models, OTHER_MODEL]) for (const outcome of CALL_STATES) this.requests.inc({ model, outcome }, 0);
    this.feed.follow((call) => this.count(call));
    this.store.syncTimes.subscribe((ms) => this.sync.observe(ms / 1000));
  }

  private count({ model: name, state: outcome, code, totalMs, times }: FinishedCall): void {
    const model = name !== undefined && this.models.has(name) ? name : OTHER_MODEL;
    this.requests.inc({ model, outcome });
    if (code !== undefined && (outcome === 'refused' || outcome === 'released')) this.refusals.inc({ reason: code });
    for (const step of ['quoteMs', 'signingMs', 'recordMs'] as const) {
      const took = times[step];
      if (took !== undefined) this.steps[step].observe(took / 1000);
    }
    if (times.firstTokenMs !== undefined) this.firstToken.observe({ model }, times.firstTokenMs / 1000);
    this.total.observe({ model }, totalMs / 1000);
  }
}
