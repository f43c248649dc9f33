/** What came of asking for the list. */
export type ModelListAnswer =
  | { kind: 'list'; text: string }
  /** Asked too often: not before that time, where the seller names one. */
  | { kind: 'limited'; until: Date | undefined }
  | { kind: 'failed'; reason: string };

/** Where the seller's list of models comes from. */
export interface SellerModels {
  /** Asks once, within bounds of time and size, without a payment. Undefined where there is nobody to ask. Never throws. */
  list(signal: AbortSignal): Promise<ModelListAnswer | undefined>;
}
export const SellerModels = Symbol('SellerModels');
