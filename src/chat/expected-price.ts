import type { Model } from '../models/model.js';
import { type MicroUsd, parseUsd } from '../money/micro-usd.js';
import { estimatePrice } from '../payment/price-estimate.js';
import type { ChatCall } from './chat-call.js';

/**
 * What the call should cost at the most by the list price of its model, as `config/models.json` has it: the seller's own list cannot raise
 * what it is held against. Undefined where that price is not known.
 */
export function expectedPrice({ request, body }: Pick<ChatCall, 'request' | 'body'>, model: Model): MicroUsd | undefined {
  const inputMicroUsdPerMillionTokens = parseUsd(model.inputUsdPerMillionTokens ?? '');
  const outputMicroUsdPerMillionTokens = parseUsd(model.outputUsdPerMillionTokens ?? '');
  if (inputMicroUsdPerMillionTokens === undefined || outputMicroUsdPerMillionTokens === undefined) return undefined;
  if (request.search_parameters !== undefined) return undefined;
  const { maxOutputTokens } = model;
  // Both limits may be set; which of them the seller prices is not known.
  const limits = [request.max_tokens, request.max_completion_tokens].filter((limit) => typeof limit === 'number');
  return estimatePrice(
    { inputMicroUsdPerMillionTokens, outputMicroUsdPerMillionTokens, maxOutputTokens },
    {
      bodyBytes: body.length,
      messages: request.messages.length,
      maxTokens: limits.length > 0 ? Math.max(...limits) : undefined,
      choices: request.n ?? 1,
    },
  );
}
