import { Injectable } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { isModelId, withoutProviderPrefix } from '../configuration/environment.js';
import { CodedError } from '../errors/coded-error.js';
import type { Model } from './model.js';
import { isChatModel, joined, type ListedModel } from './model-list.js';
import { matchesAny } from './model-pattern.js';
import { readModelsFile, type Rewrites, rewritesFor } from './models-file.js';

/** An allowed model, and what is changed in the requests for it. */
export interface AllowedModel {
  model: Model;
  /** What `config/models.json` alone says of it, which no seller can change. */
  described: Model;
  rewrites: Rewrites;
}

/**
 * The models that clients may ask for: those that the allowlist names or has a pattern for. What the seller's list says is added to what
 * is known of them, and decides which models are shown for a pattern; it never makes a model allowed.
 */
@Injectable()
export class ModelCatalog {
  private readonly file = readModelsFile();
  private readonly entries: readonly string[];
  private listed: ReadonlyMap<string, ListedModel> | undefined;
  private models: ReadonlyMap<string, AllowedModel>;

  constructor({ models }: Configuration) {
    this.entries = models ?? this.file.models.map(({ id }) => id);
    this.models = this.collect();
  }

  /** The models that are known by name. */
  all(): readonly Model[] {
    return [...this.models.values()].map(({ model }) => model);
  }

  /** The allowed model with this id, with or without a leading `blockrun-x402/`. @throws CodedError model_not_found */
  allowed(id: string): AllowedModel {
    const bare = withoutProviderPrefix(id);
    const known = this.models.get(bare);
    if (known) return known;
    if (isModelId(bare) && matchesAny(this.entries, bare)) return this.describe(bare);
    const shown = bare.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
    throw new CodedError(
      'model_not_found',
      `The model '${shown}' is not on this proxy's allowlist. Allowed: ${this.entries.join(', ')} (BLOCKRUN_MODELS).`,
      { param: 'model' },
    );
  }

  /** Takes over what the seller's list says now. */
  adopt(list: readonly ListedModel[]): void {
    this.listed = new Map(list.map((model) => [model.id, model]));
    this.models = this.collect();
  }

  private collect(): ReadonlyMap<string, AllowedModel> {
    const known = this.file.models.map(({ id }) => id);
    const shown = [...(this.listed?.values() ?? [])].filter((model) => model.hidden !== true && isChatModel(model)).map(({ id }) => id);
    const named = this.entries.filter((entry) => !entry.includes('*'));
    const matching = [...known, ...shown].filter((id) => matchesAny(this.entries, id));
    return new Map([...named, ...matching].map((id) => [id, this.describe(id)]));
  }

  private describe(id: string): AllowedModel {
    const described = this.file.models.find((model) => model.id === id) ?? { id };
    const model = this.listed ? joined(described, this.listed.get(id)) : described;
    return { model, described, rewrites: rewritesFor(model, this.file) };
  }
}
