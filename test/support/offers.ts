import type { SignedAuthorization } from '../../src/money/authorization.js';
import type { AcceptsEntry, BaseOffer, Challenge } from '../../src/payment/offer.js';

/** A key that is used nowhere else, and its address. */
export const TEST_KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
export const TEST_PAYER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const PAYEE = '0xe9030014F5DAe217d0A152f02A043567b16c1aBf';
export const OTHER_PAYEE = '0x1111111111111111111111111111111111111111';
export const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913';

/** What is sold, as `resourceOf` gives it. */
export const RESOURCE = 'https://blockrun.ai/api/v1/chat/completions';

/** An entry of `accepts` on the wire, as BlockRun writes it. */
export function wireEntry(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    scheme: 'exact',
    network: 'eip155:8453',
    amount: '1000',
    asset: USDC,
    payTo: PAYEE,
    maxTimeoutSeconds: 300,
    extra: { name: 'USD Coin', version: '2' },
    ...fields,
  };
}

/** A whole answer of BlockRun's, as it stands in the header. */
export function wireChallenge(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const resource = { url: RESOURCE, description: 'chat', mimeType: 'application/json' };
  return { x402Version: 2, accepts: [wireEntry()], resource, ...fields };
}

export function headerOf(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
}

export function entry(fields: Partial<AcceptsEntry> = {}): AcceptsEntry {
  return {
    scheme: 'exact',
    network: 'eip155:8453',
    asset: USDC,
    payee: PAYEE,
    amount: '1000',
    maxTimeoutSeconds: 300,
    resourceUrl: RESOURCE,
    raw: wireEntry(),
    ...fields,
  };
}

export function challenge(...accepts: AcceptsEntry[]): Challenge {
  return { x402Version: 2, accepts, resource: { url: RESOURCE } };
}

export function offer(fields: Partial<BaseOffer> = {}): BaseOffer {
  return Object.freeze({
    x402Version: 2,
    network: 'eip155:8453',
    asset: USDC,
    payee: PAYEE,
    amountMicroUsd: 1000n,
    validitySeconds: 300,
    accepted: wireEntry(),
    resource: { url: RESOURCE },
    ...fields,
  });
}

/** What a ledger records of a signature; each number gives another nonce. */
export function authorization(amountMicroUsd: bigint, number = 1): SignedAuthorization {
  return {
    network: 'eip155:8453',
    asset: USDC,
    payer: TEST_PAYER,
    payee: PAYEE,
    amountMicroUsd,
    nonce: `0x${number.toString(16).padStart(64, '0')}`,
    validBefore: 1_800_000_000n,
  };
}
