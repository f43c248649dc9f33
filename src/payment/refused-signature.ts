import { CodedError } from '../errors/coded-error.js';

/** The signature is not for the offer, so it does not leave the process. */
export function refusedSignature(whatDiffers: readonly string[]): CodedError {
  return new CodedError(
    'payer_failed',
    `What the wallet signed is not the seller's offer (${whatDiffers.join(', ')} differ). Nothing was paid.`,
  );
}
