import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';

const MODELS_FILE = new URL('../../config/models.json', import.meta.url);
/** What OpenClaw users of the original wrote in front of their model ids. */
const PROVIDER_PREFIX = 'blockrun-x402/';

/** What is known of a model. A model that `BLOCKRUN_MODELS` allows and `config/models.json` does not describe has only its id. */
export interface Model {
  id: string;
  name?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
  inputKinds?: readonly string[];
  /** Decimal strings of USD. */
  inputUsdPerMillionTokens?: string;
  outputUsdPerMillionTokens?: string;
}

/** The models that clients may ask for. */
@Injectable()
export class ModelCatalog {
  private readonly models: ReadonlyMap<string, Model>;

  constructor({ models }: Configuration) {
    const known = (JSON.parse(readFileSync(MODELS_FILE, 'utf8')) as { models: Model[] }).models;
    const allowed = models?.map(withoutPrefix).map((id) => known.find((model) => model.id === id) ?? { id }) ?? known;
    this.models = new Map(allowed.map((model) => [model.id, model]));
  }

  all(): readonly Model[] {
    return [...this.models.values()];
  }

  /** The allowed model with this id, with or without a leading `blockrun-x402/`. @throws CodedError model_not_found */
  allowed(id: string): Model {
    const bare = withoutPrefix(id);
    const model = this.models.get(bare);
    if (model) return model;
    const shown = bare.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
    throw new CodedError(
      'model_not_found',
      `The model '${shown}' is not on this proxy's allowlist. Allowed: ${[...this.models.keys()].join(', ')} (BLOCKRUN_MODELS).`,
      { param: 'model' },
    );
  }
}

function withoutPrefix(id: string): string {
  return id.startsWith(PROVIDER_PREFIX) ? id.slice(PROVIDER_PREFIX.length) : id;
}
