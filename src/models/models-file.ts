import { readFileSync } from 'node:fs';
import type { Model } from './model.js';
import { matchesAny } from './model-pattern.js';

const MODELS_FILE = new URL('../../config/models.json', import.meta.url);

/** `config/models.json`. */
export interface ModelsFile {
  models: readonly Model[];
  /** For each rewriting the models that have it, as ids or patterns. */
  rewrites: Readonly<
    Record<'plainToolIds' | 'developerToSystem' | 'renameMaxCompletionTokens' | 'clampMaxTokens' | 'addMaxTokens', string[]>
  >;
  maxTokensWhenNoneIsSent: number;
}

export function readModelsFile(): ModelsFile {
  return JSON.parse(readFileSync(MODELS_FILE, 'utf8')) as ModelsFile;
}

/** What is changed in the requests for a model on their way to the seller: docs/requests.md says why. */
export interface Rewrites {
  /** Tool call ids are written with letters, digits, `_` and `-` alone. */
  plainToolIds: boolean;
  developerToSystem: boolean;
  /** `max_completion_tokens` becomes `max_tokens`. */
  renameMaxCompletionTokens: boolean;
  /** More than so many tokens are not asked for. */
  mostTokens?: number | undefined;
  /** Asked for where the client names no maximum. */
  tokensWhenNoneIsSent?: number | undefined;
}

export function rewritesFor({ id, maxOutputTokens }: Model, { rewrites, maxTokensWhenNoneIsSent }: Omit<ModelsFile, 'models'>): Rewrites {
  return {
    plainToolIds: matchesAny(rewrites.plainToolIds, id),
    developerToSystem: matchesAny(rewrites.developerToSystem, id),
    renameMaxCompletionTokens: matchesAny(rewrites.renameMaxCompletionTokens, id),
    mostTokens: matchesAny(rewrites.clampMaxTokens, id) ? maxOutputTokens : undefined,
    tokensWhenNoneIsSent: matchesAny(rewrites.addMaxTokens, id) ? maxTokensWhenNoneIsSent : undefined,
  };
}
