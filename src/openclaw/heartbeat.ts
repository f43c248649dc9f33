import type { Model } from '../models/model.js';
import { type MicroUsd, parseUsd } from '../money/micro-usd.js';
import { type JsonObject, valueAt } from './json-edit.js';
import { MAX_TOKENS } from './provider-entry.js';

/** A turn of the main agent of OpenClaw 2026.9 with an empty conversation: characters of its messages, measured. */
export const TURN_CHARACTERS = 50_000n;
/** What is known of how the seller prices (docs/seller.md); a quote may differ. */
const INPUT_TOKENS_PER_HUNDRED_CHARACTERS = 48n;
const CHARGED_PERCENT_OF_MAX_TOKENS = 10n;
const FEE_MICRO_USD = 1000n;
const DEFAULT_EVERY = '30m';
const MINUTES_A_DAY = 24 * 60;

/** What one turn costs, about. */
export interface TurnEstimate {
  inputTokens: bigint;
  inputMicroUsd: MicroUsd;
  outputTokens: bigint;
  outputMicroUsd: MicroUsd;
  feeMicroUsd: MicroUsd;
  totalMicroUsd: MicroUsd;
}

/** Undefined where the model's prices are not known. */
export function turnEstimate({ inputUsdPerMillionTokens, outputUsdPerMillionTokens, maxOutputTokens }: Model): TurnEstimate | undefined {
  const inputPrice = parseUsd(inputUsdPerMillionTokens ?? '');
  const outputPrice = parseUsd(outputUsdPerMillionTokens ?? '');
  if (inputPrice === undefined || outputPrice === undefined) return undefined;
  const inputTokens = (TURN_CHARACTERS * INPUT_TOKENS_PER_HUNDRED_CHARACTERS) / 100n;
  const maxTokens = BigInt(Math.min(maxOutputTokens ?? MAX_TOKENS, MAX_TOKENS));
  const outputTokens = (maxTokens * CHARGED_PERCENT_OF_MAX_TOKENS + 99n) / 100n;
  const inputMicroUsd = (inputTokens * inputPrice) / 1_000_000n;
  const outputMicroUsd = (outputTokens * outputPrice) / 1_000_000n;
  return {
    inputTokens,
    inputMicroUsd,
    outputTokens,
    outputMicroUsd,
    feeMicroUsd: FEE_MICRO_USD,
    totalMicroUsd: inputMicroUsd + outputMicroUsd + FEE_MICRO_USD,
  };
}

export interface Heartbeat {
  every: string;
  beatsADay: number;
}

/** How often OpenClaw wakes its main agent by itself. Undefined where the configuration turned it off, or says it in a way we cannot read. */
export function heartbeatOf(configuration: JsonObject): Heartbeat | undefined {
  const set = valueAt(configuration, ['agents', 'defaults', 'heartbeat', 'every']) ?? DEFAULT_EVERY;
  const every = typeof set === 'string' ? set.trim() : '';
  const [, count, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(every) ?? [];
  const minutes = Number(count ?? 0) * { s: 1 / 60, m: 1, h: 60, d: MINUTES_A_DAY }[(unit ?? 'm') as 's' | 'm' | 'h' | 'd'];
  return minutes > 0 ? { every, beatsADay: Math.floor(MINUTES_A_DAY / minutes) } : undefined;
}
