import { isFree, type PricedModel } from './models.js';

/** Rebuilt from published charges, so every constant can be set, and a buyer must never count on any of them. */
export interface PricingRules {
  /** Input tokens assumed for 100 characters of message content. */
  readonly inputTokensPerHundredChars: bigint;
  readonly inputTokensPerMessage: bigint;
  /** The part of max_tokens that is charged, in percent, rounded up to whole tokens. */
  readonly outputPercent: bigint;
  readonly defaultMaxTokens: number;
  /** The least that tokens cost in one request, before the fee. */
  readonly floorMicroUsd: bigint;
  /** Added to every paid request, and left out of the price that the 402 body states. */
  readonly feeMicroUsd: bigint;
}

export const PRICING: PricingRules = {
  inputTokensPerHundredChars: 48n,
  inputTokensPerMessage: 16n,
  outputPercent: 10n,
  defaultMaxTokens: 1024,
  floorMicroUsd: 1_000n,
  feeMicroUsd: 1_000n,
};

export interface Size {
  readonly chars: number;
  readonly messages: number;
  readonly maxTokens: number | undefined;
}

export interface Price {
  readonly inputMicroUsd: bigint;
  readonly outputMicroUsd: bigint;
  /** Without the fee: what the 402 body calls the price. */
  readonly baseMicroUsd: bigint;
  /** What is charged. */
  readonly totalMicroUsd: bigint;
}

/**
 * Input and output are each rounded up to a micro-USD. That is what makes both published charges come out: 64790 has exact parts that
 * add up to 64789.00, so the seller does not round their sum.
 */
export function priceOf(model: PricedModel, size: Size, rules: PricingRules = PRICING): Price {
  if (isFree(model)) return { inputMicroUsd: 0n, outputMicroUsd: 0n, baseMicroUsd: 0n, totalMicroUsd: 0n };
  const inputHundredths =
    rules.inputTokensPerHundredChars * BigInt(size.chars) + 100n * rules.inputTokensPerMessage * BigInt(size.messages);
  const maxTokens = BigInt(Math.min(size.maxTokens ?? rules.defaultMaxTokens, model.maxOutput));
  const outputTokens = divideUp(rules.outputPercent * maxTokens, 100n);

  const inputMicroUsd = divideUp(inputHundredths * model.inputMicroUsdPerMillion, 100_000_000n);
  const outputMicroUsd = divideUp(outputTokens * model.outputMicroUsdPerMillion, 1_000_000n);
  const tokensMicroUsd = inputMicroUsd + outputMicroUsd;
  const baseMicroUsd = tokensMicroUsd > rules.floorMicroUsd ? tokensMicroUsd : rules.floorMicroUsd;
  return { inputMicroUsd, outputMicroUsd, baseMicroUsd, totalMicroUsd: baseMicroUsd + rules.feeMicroUsd };
}

/** Decimal USD with six places. */
export function usd(microUsd: bigint): string {
  const digits = microUsd.toString().padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
