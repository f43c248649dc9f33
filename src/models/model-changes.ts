import type { Model } from './model.js';

/** What has become of an allowed model since the list before. */
export type ModelChange =
  { kind: 'gone'; model: string } | { kind: 'back'; model: string } | { kind: 'price'; model: string; before: string; now: string };

/** The changes that somebody who pays wants to know. A model that comes up for a pattern for the first time is none. */
export function modelChanges(before: readonly Model[], now: readonly Model[]): ModelChange[] {
  const after = new Map(now.map((model) => [model.id, model]));
  return before.flatMap((was): ModelChange[] => {
    const { id: model } = was;
    const is = after.get(model);
    const wasOffered = was.isOffered !== false;
    if (!is?.isOffered) return wasOffered ? [{ kind: 'gone', model }] : [];
    const back: ModelChange[] = wasOffered ? [] : [{ kind: 'back', model }];
    const isOther = pricesOf(was).some((price, at) => price !== undefined && price !== pricesOf(is)[at]);
    return isOther ? [...back, { kind: 'price', model, before: priceText(was), now: priceText(is) }] : back;
  });
}

/** As numbers, since one price can be written in several ways. */
function pricesOf({ inputUsdPerMillionTokens: input, outputUsdPerMillionTokens: output, usdPerRequest: request }: Model) {
  return [input, output, request].map((price) => (price === undefined ? undefined : Number(price)));
}

/** `0.50 in, 3.00 out`: USD per million tokens. */
export function priceText({
  inputUsdPerMillionTokens: input = '?',
  outputUsdPerMillionTokens: output = '?',
  usdPerRequest,
}: Model): string {
  return usdPerRequest === undefined ? `${input} in, ${output} out` : `${usdPerRequest} a request`;
}
