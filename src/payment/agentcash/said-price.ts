import type { MicroUsd } from '../../money/micro-usd.js';

/** A price as AgentCash shows it, and what it can stand for: at least `fromMicroUsd`, and less than `belowMicroUsd`. */
export interface SaidPrice {
  text: string;
  fromMicroUsd: MicroUsd;
  belowMicroUsd: MicroUsd;
}

/**
 * AgentCash rounds a price for display: to cents, below a cent to hundredths of one. So what it says is a range that is never a single
 * amount, and the receipt's own figure where a seller sent one. Undefined for a text that is no such price.
 */
export function readSaidPrice(text: unknown): SaidPrice | undefined {
  if (typeof text !== 'string') return undefined;
  const [, upTo, whole = '', decimals = ''] = /^(up to )?\$(\d{1,3}(?:,\d{3}){0,4})\.(\d{2,4})$/.exec(text) ?? [];
  if (whole === '') return undefined;
  const shown = BigInt(whole.replaceAll(',', '')) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
  const half = 10n ** BigInt(6 - decimals.length) / 2n;
  const isFromZero = upTo !== undefined || shown < half;
  return { text, fromMicroUsd: isFromZero ? 0n : shown - half, belowMicroUsd: shown + half };
}
