import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { ModelCatalog } from './model-catalog.js';
import { type ModelChange, modelChanges } from './model-changes.js';
import { ModelListSource } from './model-list-source.js';

const LOOK_EVERY_MS = 60_000;
/** A list that changes everything is told in so many lines, and one that says how many more there are. */
const MAX_TOLD = 50;

/** Keeps the catalog up with the seller's list, in the background: no request and no start waits for it. Tells what it changed. */
@Injectable()
export class ModelListService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ModelListService.name);
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly source: ModelListSource,
    private readonly catalog: ModelCatalog,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    this.restore();
  }

  onApplicationBootstrap(): void {
    const look = () => void this.refresh().catch((error: unknown) => this.logger.error(`The list of models: ${String(error)}`));
    this.timer = setInterval(look, LOOK_EVERY_MS).unref();
    look();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.running?.catch(() => undefined);
  }

  /** Asks for the list when it is time to. Whoever calls meanwhile shares it. */
  refresh(): Promise<void> {
    this.running ??= this.askWhenDue().finally(() => (this.running = undefined));
    return this.running;
  }

  private async askWhenDue(): Promise<void> {
    if (!this.source.isDue) return;
    this.restore();
    if (!this.source.isDue) return;
    const models = await this.source.ask(this.stopping.signal);
    if (!models) return;
    const before = this.catalog.all();
    this.catalog.adopt(models);
    try {
      await this.tell(modelChanges(before, this.catalog.all()));
    } finally {
      await this.source.keep(models); // only now: a crash before this has it told at the next start
    }
  }

  private restore(): void {
    const models = this.source.restore();
    if (models) this.catalog.adopt(models);
  }

  private async tell(changes: readonly ModelChange[]): Promise<void> {
    for (const change of changes.slice(0, MAX_TOLD)) {
      this.logger.warn(textOf(change));
      await this.audit.record({ event: 'model_changed', ...change });
    }
    const more = changes.length - MAX_TOLD;
    if (more > 0) await this.audit.record({ event: 'model_changed', kind: 'more', models: more });
  }
}

function textOf(change: ModelChange): string {
  switch (change.kind) {
    case 'gone':
      return `The seller's list does not have ${change.model} now.`;
    case 'back':
      return `The seller's list has ${change.model} again.`;
    case 'price':
      return `The seller lists ${change.model} for ${change.now} now, after ${change.before} (USD per million tokens).`;
    default:
      return change satisfies never;
  }
}
