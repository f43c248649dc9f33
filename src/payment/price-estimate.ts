import type { MicroUsd } from '../money/micro-usd.js';

/** What is known of a model's price. */
export interface ListPrice {
  inputMicroUsdPerMillionTokens: MicroUsd;
  outputMicroUsdPerMillionTokens: MicroUsd;
  /** The most that one answer of the model has; undefined where that is not known. */
  maxOutputTokens: number | undefined;
}

/** What of a request its price depends on. */
export interface RequestSize {
  /** Of the whole JSON body: never fewer than its characters. */
  bodyBytes: number;
  messages: number;
  /** Undefined: the client set none. */
  maxTokens: number | undefined;
  /** Answers wanted (`n`). */
  choices: number;
}

/** How BlockRun works its prices out, as far as published charges show (docs/seller.md). It only bounds what is plausible. */
const INPUT_TOKENS_PER_100_CHARACTERS = 48n;
const INPUT_TOKENS_PER_MESSAGE = 16n;
const CHARGED_OUTPUT_PERCENT = 10n;
const DEFAULT_MAX_TOKENS = 1024;
const FLOOR_MICRO_USD = 1000n;
const FEE_MICRO_USD = 1000n;
/** From so much input on some models cost double. */
const LONG_INPUT_TOKENS = 200_000n;
const LONG_INPUT_FACTOR = 2n;

/**
 * What the seller should ask for such a request at the most, by its list price: an upper estimate, since everything in the body counts as
 * input. Zero for a model that is free. Pure.
 */
export function estimatePrice(price: ListPrice, { bodyBytes, messages, maxTokens, choices }: RequestSize): MicroUsd {
  const { inputMicroUsdPerMillionTokens, outputMicroUsdPerMillionTokens, maxOutputTokens = Infinity } = price;
  if (inputMicroUsdPerMillionTokens === 0n && outputMicroUsdPerMillionTokens === 0n) return 0n;
  const inputTokens = dividedUp(BigInt(bodyBytes) * INPUT_TOKENS_PER_100_CHARACTERS, 100n) + BigInt(messages) * INPUT_TOKENS_PER_MESSAGE;
  const outputTokens =
    BigInt(choices) * dividedUp(BigInt(Math.min(maxTokens ?? DEFAULT_MAX_TOKENS, maxOutputTokens)) * CHARGED_OUTPUT_PERCENT, 100n);
  const millionths = inputTokens * inputMicroUsdPerMillionTokens + outputTokens * outputMicroUsdPerMillionTokens;
  const tokensMicroUsd = dividedUp(millionths * (inputTokens < LONG_INPUT_TOKENS ? 1n : LONG_INPUT_FACTOR), 1_000_000n);
  return (tokensMicroUsd > FLOOR_MICRO_USD ? tokensMicroUsd : FLOOR_MICRO_USD) + FEE_MICRO_USD;
}

function dividedUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
