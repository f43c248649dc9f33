import { Controller, Get, Param } from '@nestjs/common';
import { type Model, ModelCatalog } from './model-catalog.js';

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
  pricing?: { input: string | undefined; output: string | undefined; unit: string } | undefined;
}

/** `GET /v1/models` and `GET /v1/models/{id}`, whose ids contain slashes. */
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly catalog: ModelCatalog) {}

  @Get()
  list(): { object: 'list'; data: ListedModel[] } {
    return { object: 'list', data: this.catalog.all().map(listed) };
  }

  @Get('*id')
  one(@Param('id') segments: string | string[]): ListedModel {
    return listed(this.catalog.allowed([segments].flat().join('/')));
  }
}

function listed(model: Model): ListedModel {
  return {
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: model.id.split('/')[0] ?? 'blockrun',
    name: model.name,
    context_window: model.contextWindow,
    max_output_tokens: model.maxOutputTokens,
    input_kinds: model.inputKinds,
    pricing: model.inputUsdPerMillionTokens
      ? { input: model.inputUsdPerMillionTokens, output: model.outputUsdPerMillionTokens, unit: 'USD per million tokens' }
      : undefined,
  };
}
