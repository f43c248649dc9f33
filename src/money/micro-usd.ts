/**
 * An amount in whole micro-USD: 1 USD = 1_000_000n. It equals one atomic unit of a USDC token with 6 decimals,
 * so a price on the wire and an amount in the books are the same number. Never a float.
 */
export type MicroUsd = bigint;

const DECIMALS = 6;
const USD_PATTERN = /^(\d{1,12})(?:\.(\d{1,6}))?$/;

/** Parses a plain decimal such as `1`, `0.05` or `0.002600`; undefined for anything else (sign, exponent, more than 6 places). */
export function parseUsd(text: string): MicroUsd | undefined {
  const match = USD_PATTERN.exec(text);
  if (!match) return undefined;
  const [, whole = '0', fraction = ''] = match;
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(DECIMALS, '0'));
}

/** The exact decimal string with 6 places: `0.002600`. Negative amounts keep their sign. */
export function formatUsd(amount: MicroUsd): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DECIMALS + 1, '0');
  return `${sign}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** For people: `$1.00`, and up to six places where two would hide the truth: `$0.0026`. */
export function displayUsd(amount: MicroUsd): string {
  return `$${formatUsd(amount).replace(/(\.\d{2}\d*?)0+$/, '$1')}`;
}

/** The same of a decimal string of USD that we made, such as those of `GET /v1/budget`. */
export function displayUsdText(usd: string): string {
  return displayUsd(parseUsd(usd) ?? 0n);
}

/** The amount as a JSON number, for the fields that the original wrote as numbers. Display only: nothing is computed from it. */
export function usdNumber(amount: MicroUsd): number {
  return Number(formatUsd(amount));
}

/** A number from a file that the original wrote (a float of USD) as micro-USD, rounded up: a takeover may never shrink what was spent. */
export function microUsdFromNumber(usd: number): MicroUsd {
  const nearest = Math.round(usd * 1e6);
  const exact = Math.abs(usd * 1e6 - nearest) < 1e-3 ? nearest : Math.ceil(usd * 1e6);
  return BigInt(exact);
}
