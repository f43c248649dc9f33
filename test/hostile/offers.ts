import { USDC } from '../../sandbox/base.js';
import type { Fields } from './scenario.js';

/** Whom the honest offers of every scenario pay, and whom the others would like to have paid. */
export const PAYEE = '0x00000000000000000000000000000000000a11ce';
export const THIEF = '0x0000000000000000000000000000000000000bad';
/** What a small request costs by the list price: the floor and the fee. */
export const PRICE_MICRO_USD = 2000n;

/** What stands in the texts of a scenario for what is known only when it runs. */
export interface Blanks {
  /** The seller's own chat URL, its host and its port. */
  self: string;
  host: string;
  port: string;
  [name: string]: string;
}

const KNOWN = { payee: PAYEE, thief: THIEF, usdc: USDC, price: PRICE_MICRO_USD.toString(), long: 'x'.repeat(20_000) };
/** As the value of a field: there is no such field. */
const ABSENT = '{absent}';

/** The fields of a challenge, each entry of `accepts` completed from an honest one of version 2. */
export function challengeWith(fields: Fields, blanks: Blanks): Fields {
  const { accepts = [{}], ...others } = fields;
  const honest = {
    x402Version: 2,
    resource: { url: blanks.self, description: 'A completion', mimeType: 'application/json' },
    accepts: Array.isArray(accepts) ? accepts.map(entryWith) : accepts,
  };
  return filled({ ...honest, ...others }, blanks) as Fields;
}

function entryWith(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields;
  const honest = { scheme: 'exact', network: 'eip155:8453', amount: '{price}', asset: '{usdc}', payTo: '{payee}' };
  return { ...honest, maxTimeoutSeconds: 300, extra: { name: 'USD Coin', version: '2' }, ...fields };
}

/** The value with every blank filled in and every absent field taken out. */
export function filled(value: unknown, blanks: Blanks): unknown {
  if (typeof value === 'string') return value.replace(/\{(\w+)\}/g, (blank, name: string) => ({ ...KNOWN, ...blanks })[name] ?? blank);
  if (Array.isArray(value)) return value.map((inner) => filled(inner, blanks));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (inner === ABSENT ? [] : [[name, filled(inner, blanks)]])));
}
