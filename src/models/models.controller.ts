import { Controller, Get, Param } from '@nestjs/common';
import { ModelCatalog } from './model-catalog.js';
import { ModelListSource } from './model-list-source.js';
import type { Model } from './model.js';

/** A model in OpenAI's shape, with what is known of it beside. */
interface ListedModel {
  id: string;
  object: 'model';
  created: number;
  owned_by: string;
  name?: string | undefined;
  context_window?: number | undefined;
  max_output_tokens?: number | undefined;
  input_kinds?: readonly string[] | undefined;
  pricing?: { input?: string | undefined; output?: string | undefined; request?: string | undefined; unit: string } | undefined;
  /** Null while the seller's list is not known. */
  offered: boolean | null;
}

interface ModelList {
  object: 'list';
  data: ListedModel[];
  /** When the seller's list was last got, in ISO 8601; null while it is not known. */
  seller_list_at: string | null;
}

/** `GET /v1/models` and `GET /v1/models/{id}`, whose ids contain slashes. */
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly list: ModelListSource,
  ) {}

  @Get()
  all(): ModelList {
    return { object: 'list', data: this.catalog.all().map(listed), seller_list_at: this.list.fetchedAt?.toISOString() ?? null };
  }

  @Get('*id')
  one(@Param('id') segments: string | string[]): ListedModel {
    return listed(this.catalog.allowed([segments].flat().join('/')).model);
  }
}

function listed(model: Model): ListedModel {
  const { inputUsdPerMillionTokens: input, outputUsdPerMillionTokens: output, usdPerRequest: request } = model;
  const isPriced = (input ?? output ?? request) !== undefined;
  return {
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: model.id.split('/')[0] ?? 'blockrun',
    name: model.name,
    context_window: model.contextWindow,
    max_output_tokens: model.maxOutputTokens,
    input_kinds: model.inputKinds,
    pricing: isPriced ? { input, output, request, unit: request === undefined ? 'USD per million tokens' : 'USD' } : undefined,
    offered: model.isOffered ?? null,
  };
}
