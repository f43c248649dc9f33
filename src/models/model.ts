/** What is known of a model. One that `BLOCKRUN_MODELS` allows and nobody describes has only its id. */
export interface Model {
  id: string;
  name?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
  inputKinds?: readonly string[];
  /** Decimal strings of USD. */
  inputUsdPerMillionTokens?: string;
  outputUsdPerMillionTokens?: string;
  /** For a model that has one price for every request, however long. */
  usdPerRequest?: string;
  /** Whether the seller's list has it now; undefined while no list is known. */
  isOffered?: boolean;
}
