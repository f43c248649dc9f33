import { isModelId } from '../configuration/environment.js';
import type { Model } from './model.js';

const MAX_MODELS = 5000;
const MAX_PRICE_USD = 1_000_000;
const MAX_TOKENS = 1_000_000_000;
const CHAT_CATEGORIES = ['chat', 'reasoning', 'coding'];

/** A model as the seller's list has it, under the names that its own clients use. */
export interface ListedModel {
  id: string;
  name?: string | undefined;
  /** Decimal strings of USD: for a million tokens, and for a request of a model that has one price for all. */
  inputPrice?: string | undefined;
  outputPrice?: string | undefined;
  flatPrice?: string | undefined;
  contextWindow?: number | undefined;
  maxOutput?: number | undefined;
  categories?: string[] | undefined;
  /** Not shown by the seller, and sold all the same. */
  hidden?: boolean | undefined;
  available?: boolean | undefined;
}

/**
 * The models in the seller's list: `{object, data}`, or `{models}` as its documentation has it, with every spelling of the fields that
 * its clients know. What is not of the right kind and size is left out; a list without a single model is none.
 * @throws Error saying what is wrong
 */
export function readModelList(text: string): ListedModel[] {
  const { data, models } = (JSON.parse(text) ?? {}) as { data?: unknown; models?: unknown };
  const entries: unknown = data ?? models;
  if (!Array.isArray(entries)) throw new Error('it has neither data nor models');
  if (entries.length > MAX_MODELS) throw new Error(`it has more than ${MAX_MODELS} models`);
  const listed = new Map<string, ListedModel>();
  for (const entry of entries) {
    const model = readModel(entry);
    if (model) listed.set(model.id, model);
  }
  if (listed.size === 0) throw new Error('it has no model');
  return [...listed.values()];
}

function readModel(entry: unknown): ListedModel | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Record<string, unknown>;
  const pricing = (typeof fields.pricing === 'object' ? (fields.pricing ?? {}) : {}) as Record<string, unknown>;
  const { id, name, categories, hidden, available } = fields;
  if (typeof id !== 'string' || !isModelId(id)) return undefined;
  const isFree = (fields.billingMode ?? fields.billing_mode) === 'free';
  return {
    id,
    name: typeof name === 'string' && /^[\x20-\x7e]{1,100}$/.test(name) ? name : undefined,
    inputPrice: priceOf(fields.inputPrice ?? fields.input_price ?? pricing.input ?? (isFree ? 0 : undefined)),
    outputPrice: priceOf(fields.outputPrice ?? fields.output_price ?? pricing.output ?? (isFree ? 0 : undefined)),
    flatPrice: priceOf(fields.flatPrice ?? fields.flat_price ?? pricing.flat),
    contextWindow: tokensOf(fields.contextWindow ?? fields.context_window),
    maxOutput: tokensOf(fields.maxOutput ?? fields.max_output),
    categories: Array.isArray(categories) ? categories.filter((category) => typeof category === 'string').slice(0, 20) : undefined,
    hidden: typeof hidden === 'boolean' ? hidden : undefined,
    available: typeof available === 'boolean' ? available : undefined,
  };
}

/** Six decimal places at most, two at least: `0.5` and `0.50` are one price. */
function priceOf(value: unknown): string | undefined {
  const usd = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof usd !== 'number' || !(usd >= 0 && usd <= MAX_PRICE_USD)) return undefined;
  return usd.toFixed(6).replace(/0{1,4}$/, '');
}

function tokensOf(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_TOKENS ? (value as number) : undefined;
}

export function isChatModel({ categories }: ListedModel): boolean {
  return categories === undefined || categories.length === 0 || categories.some((category) => CHAT_CATEGORIES.includes(category));
}

/** What we know of a model with what the seller's list says of it, which is newer. `listed` undefined: the list does not have it. */
export function joined(known: Model, listed: ListedModel | undefined): Model {
  if (!listed) return { ...known, isOffered: false };
  const { name, inputPrice, outputPrice, flatPrice, contextWindow, maxOutput, categories, available } = listed;
  const inputKinds = categories && (categories.includes('vision') ? ['text', 'image'] : ['text']);
  return defined({
    id: known.id,
    name: known.name ?? name,
    contextWindow: contextWindow ?? known.contextWindow,
    maxOutputTokens: maxOutput ?? known.maxOutputTokens,
    // The seller's categories lag behind its models: they only speak where nobody else does.
    inputKinds: known.inputKinds ?? inputKinds,
    inputUsdPerMillionTokens: inputPrice ?? known.inputUsdPerMillionTokens,
    outputUsdPerMillionTokens: outputPrice ?? known.outputUsdPerMillionTokens,
    usdPerRequest: flatPrice,
    isOffered: available !== false,
  });
}

function defined(model: { [Fact in keyof Model]: Model[Fact] | undefined }): Model {
  return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined)) as unknown as Model;
}
