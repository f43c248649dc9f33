/** Prices are micro-USD for a million tokens, so that all arithmetic stays in whole numbers. */
export interface PricedModel {
  readonly id: string;
  readonly name: string;
  readonly inputMicroUsdPerMillion: bigint;
  readonly outputMicroUsdPerMillion: bigint;
  readonly contextWindow: number;
  readonly maxOutput: number;
  readonly categories: readonly string[];
}

export const MODELS: readonly PricedModel[] = [
  priced('google/gemini-3-flash-preview', 'Gemini 3 Flash Preview', [500_000n, 3_000_000n], [1_048_576, 65_536]),
  priced('openai/gpt-5.4-mini', 'GPT-5.4 Mini', [750_000n, 4_500_000n], [400_000, 128_000]),
  priced('openai/gpt-5.4-nano', 'GPT-5.4 Nano', [200_000n, 1_250_000n], [1_050_000, 32_768]),
  priced('anthropic/claude-haiku-4.5', 'Claude Haiku 4.5', [1_000_000n, 5_000_000n], [200_000, 8_192]),
  priced('deepseek/deepseek-chat', 'DeepSeek V4 Flash Chat', [140_000n, 280_000n], [1_000_000, 8_192]),
  priced('xai/grok-4.3', 'Grok 4.3', [1_500_000n, 4_000_000n], [1_000_000, 16_384]),
  priced('nvidia/gpt-oss-120b', 'GPT-OSS 120B', [0n, 0n], [128_000, 16_384]),
];

export function isFree(model: PricedModel): boolean {
  return model.inputMicroUsdPerMillion === 0n && model.outputMicroUsdPerMillion === 0n;
}

/** How GET /api/v1/models describes a model; prices there are USD for a million tokens. */
export function describeModel(model: PricedModel) {
  return {
    id: model.id,
    object: 'model',
    owned_by: model.id.split('/')[0],
    name: model.name,
    pricing: { input: Number(model.inputMicroUsdPerMillion) / 1e6, output: Number(model.outputMicroUsdPerMillion) / 1e6 },
    context_window: model.contextWindow,
    max_output: model.maxOutput,
    categories: model.categories,
    billing_mode: isFree(model) ? 'free' : 'paid',
    available: true,
  };
}

function priced(id: string, name: string, [input, output]: [bigint, bigint], [contextWindow, maxOutput]: [number, number]): PricedModel {
  return {
    id,
    name,
    inputMicroUsdPerMillion: input,
    outputMicroUsdPerMillion: output,
    contextWindow,
    maxOutput,
    categories: ['chat'],
  };
}
