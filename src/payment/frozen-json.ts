/** Deeper or longer is no offer: what is sent back to the seller has to fit into a header, and into the stack of whoever writes it. */
const MAX_DEPTH = 16;
const MAX_LENGTH = 8192;

/**
 * A JSON value of the seller's, frozen all the way down, so that what was judged is what is sent back with the payment. Undefined when it
 * is nested too deeply or too long to be sent back.
 */
export function frozenJson<T>(value: T): T | undefined {
  if (value === undefined || !isShallow(value, MAX_DEPTH)) return undefined;
  return JSON.stringify(value).length <= MAX_LENGTH ? deepFrozen(value) : undefined;
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
}
